import Model
import Parallelism

/// The parameters that one rank holds of one model chunk, in the order in which Megatron registers
/// them; gradient buckets are cut from the end of this order.
struct ParameterShards {
  /// What is gathered and reduced together where parameters are sharded.
  enum Unit: Hashable {
    case embedding, head
    case layer(Int)
  }

  private struct Tensor {
    let elements: Int
    let isExpert: Bool
    let unit: Unit
  }

  /// Elements whose gradients differ over TP because each rank saw a shard of the sequence.
  private(set) var sequenceReplicated = 0
  private var tensors: [Tensor] = []
  private var unit = Unit.embedding
  private let sizes: StepSizes

  /// - Parameters:
  ///   - holdsEmbedding: whether the rank holds the first stage, in this chunk or another.
  ///   - sharesEmbedding: whether the head multiplies by the embedding table of the rank.
  init(
    stage: Int, of stages: Int, layers: Range<Int>, holdsEmbedding: Bool, sharesEmbedding: Bool,
    sizes: StepSizes
  ) {
    self.sizes = sizes
    let model = sizes.model
    if stage == 0 {
      add(Self.vocabulary(sizes))
      if model.positions == .learned { add(model.maximumPositions * model.hiddenSize) }
    }
    for layer in layers { add(model.layers[layer], as: .layer(layer)) }
    guard stage == stages - 1 else { return }
    unit = sharesEmbedding ? .embedding : .head
    addReplicated(norm)
    if !model.tiesEmbeddings || !holdsEmbedding { add(Self.vocabulary(sizes)) }
    unit = .embedding
    if sizes.predictionModules > 0, !holdsEmbedding { add(Self.vocabulary(sizes)) }
    addPredictions()
  }

  private mutating func addPredictions() {
    guard let last = sizes.model.layers.last else { return }
    let hidden = sizes.model.hiddenSize
    for module in 0..<sizes.predictionModules {
      unit = .layer(sizes.model.layers.count + module)
      addReplicated(norm)
      addReplicated(norm)
      add(2 * hidden * share(hidden, of: sizes.plan.tensor))
      add(last, as: unit)
      addReplicated(norm)
    }
  }

  /// Elements of each tensor reduced over DP×CP, or of the experts' over EDP.
  func elements(ofExperts isExpert: Bool) -> [Int] {
    tensors.filter { $0.isExpert == isExpert }.map(\.elements)
  }

  /// The units in the order in which the forward comes to them.
  var units: [Unit] {
    var units: [Unit] = []
    for tensor in tensors where !units.contains(tensor.unit) { units.append(tensor.unit) }
    return units
  }

  /// Elements of one unit.
  func elements(of unit: Unit, ofExperts isExpert: Bool) -> Int {
    tensors.filter { $0.unit == unit && $0.isExpert == isExpert }.reduce(0) { $0 + $1.elements }
  }

  /// Elements of one rank's part of the embedding table.
  static func vocabulary(_ sizes: StepSizes) -> Int {
    vocabularyRows(sizes) * sizes.model.hiddenSize
  }

  /// Rows of the embedding table on one rank, the largest share where they do not divide.
  static func vocabularyRows(_ sizes: StepSizes) -> Int {
    share(sizes.model.vocabularySize, of: sizes.plan.tensor)
  }

  private var norm: Int {
    (sizes.model.normalization == .layer ? 2 : 1) * sizes.model.hiddenSize
  }

  private mutating func add(_ elements: Int, isExpert: Bool = false) {
    tensors.append(Tensor(elements: elements, isExpert: isExpert, unit: unit))
  }

  private mutating func addReplicated(_ elements: Int) {
    add(elements)
    sequenceReplicated += elements
  }

  private mutating func add(_ layer: TransformerLayer, as unit: Unit) {
    self.unit = unit
    add(layer.attention)
    switch layer.feedForward {
    case .dense(let block): add(block)
    case .experts(let experts): add(experts)
    }
  }

  private mutating func add(_ attention: Attention) {
    let hidden = sizes.model.hiddenSize
    let tensor = sizes.plan.tensor
    switch attention {
    case .groupedQuery(let attention):
      let heads = attention.heads / tensor * attention.headDimension
      let keys = max(1, attention.keyValueHeads / tensor) * attention.headDimension
      add(heads * hidden)
      if attention.hasOutputBias { addReplicated(hidden) }
      addReplicated(norm)
      add(hidden * (heads + 2 * keys))
      if attention.hasProjectionBias { add(heads + 2 * keys) }
      if attention.hasQueryKeyNorm {
        addReplicated(attention.headDimension)
        addReplicated(attention.headDimension)
      }
      if attention.hasSinks { add(attention.heads / tensor) }
    case .latent(let attention):
      let heads = attention.heads / tensor
      add(heads * attention.valueHeadDimension * hidden)
      addReplicated(norm)
      if let rank = attention.queryRank {
        addReplicated(hidden * rank)
        addReplicated(rank)
        add(rank * heads * attention.queryHeadDimension)
      } else {
        add(hidden * heads * attention.queryHeadDimension)
      }
      addReplicated(hidden * (attention.keyValueRank + attention.ropeHeadDimension))
      addReplicated(attention.keyValueRank)
      add(
        attention.keyValueRank * heads
          * (attention.nopeHeadDimension + attention.valueHeadDimension))
    }
  }

  private mutating func add(_ block: DenseFeedForward) {
    let hidden = sizes.model.hiddenSize
    let width = share(block.intermediateSize, of: sizes.plan.tensor)
    let columns = (block.isGated ? 2 : 1) * width
    addReplicated(norm)
    add(hidden * columns)
    if block.hasBias { add(columns) }
    add(width * hidden)
    if block.hasBias { addReplicated(hidden) }
  }

  private mutating func add(_ block: MixtureOfExperts) {
    let hidden = sizes.model.hiddenSize
    let plan = sizes.plan
    addReplicated(norm)
    addReplicated(hidden * block.experts)
    if block.hasRouterBias { addReplicated(block.experts) }
    let width = share(block.intermediateSize, of: plan.expertTensor)
    let columns = (block.isGated ? 2 : 1) * width
    let local = block.experts / plan.expert
    var experts = Array(repeating: hidden * columns, count: local)
    if block.hasExpertBias { experts += Array(repeating: columns, count: local) }
    experts += Array(repeating: width * hidden, count: local)
    if block.hasExpertBias { experts += Array(repeating: hidden, count: local) }
    for elements in experts { add(elements, isExpert: sizes.hasExpertBuffer) }
    if block.sharedIntermediateSize > 0 {
      let shared = share(block.sharedIntermediateSize, of: plan.tensor)
      add(hidden * (block.isGated ? 2 : 1) * shared)
      add(shared * hidden)
      if block.hasSharedExpertGate { addReplicated(hidden) }
    }
  }
}
