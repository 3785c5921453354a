import Model
import Parallelism

/// The parameters that one rank holds of one model chunk, in the order in which Megatron registers
/// them; gradient buckets are cut from the end of this order.
struct ParameterShards {
  /// Elements of each tensor reduced over DP×CP.
  private(set) var dense: [Int] = []
  /// Elements of each tensor reduced over EDP.
  private(set) var expert: [Int] = []
  /// Elements whose gradients differ over TP because each rank saw a shard of the sequence.
  private(set) var sequenceReplicated = 0
  private let sizes: StepSizes

  init(stage: Int, layers: Range<Int>, sizes: StepSizes) {
    self.sizes = sizes
    let model = sizes.model
    if stage == 0 {
      dense.append(Self.vocabulary(sizes))
      if model.positions == .learned { dense.append(model.maximumPositions * model.hiddenSize) }
    }
    for layer in layers {
      add(model.layers[layer].attention)
      switch model.layers[layer].feedForward {
      case .dense(let block): add(block)
      case .experts(let experts): add(experts)
      }
    }
    if stage == sizes.plan.stages - 1 {
      addReplicated(norm)
      if !model.tiesEmbeddings || stage > 0 { dense.append(Self.vocabulary(sizes)) }
    }
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

  private mutating func addReplicated(_ elements: Int) {
    dense.append(elements)
    sequenceReplicated += elements
  }

  private mutating func add(_ attention: Attention) {
    let hidden = sizes.model.hiddenSize
    let tensor = sizes.plan.tensor
    switch attention {
    case .groupedQuery(let attention):
      let heads = attention.heads / tensor * attention.headDimension
      let keys = max(1, attention.keyValueHeads / tensor) * attention.headDimension
      dense.append(heads * hidden)
      if attention.hasOutputBias { addReplicated(hidden) }
      addReplicated(norm)
      dense.append(hidden * (heads + 2 * keys))
      if attention.hasProjectionBias { dense.append(heads + 2 * keys) }
      if attention.hasQueryKeyNorm {
        addReplicated(attention.headDimension)
        addReplicated(attention.headDimension)
      }
      if attention.hasSinks { dense.append(attention.heads / tensor) }
    case .latent(let attention):
      let heads = attention.heads / tensor
      dense.append(heads * attention.valueHeadDimension * hidden)
      addReplicated(norm)
      if let rank = attention.queryRank {
        addReplicated(hidden * rank)
        addReplicated(rank)
        dense.append(rank * heads * attention.queryHeadDimension)
      } else {
        dense.append(hidden * heads * attention.queryHeadDimension)
      }
      addReplicated(hidden * (attention.keyValueRank + attention.ropeHeadDimension))
      addReplicated(attention.keyValueRank)
      dense.append(
        attention.keyValueRank * heads
          * (attention.nopeHeadDimension + attention.valueHeadDimension))
    }
  }

  private mutating func add(_ block: DenseFeedForward) {
    let hidden = sizes.model.hiddenSize
    let width = share(block.intermediateSize, of: sizes.plan.tensor)
    let columns = (block.isGated ? 2 : 1) * width
    addReplicated(norm)
    dense.append(hidden * columns)
    if block.hasBias { dense.append(columns) }
    dense.append(width * hidden)
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
    if plan.expert > 1 || plan.expertTensor != plan.tensor {
      expert += experts
    } else {
      dense += experts
    }
    if block.sharedIntermediateSize > 0 {
      let shared = share(block.sharedIntermediateSize, of: plan.tensor)
      dense.append(hidden * (block.isGated ? 2 : 1) * shared)
      dense.append(shared * hidden)
      if block.hasSharedExpertGate { addReplicated(hidden) }
    }
  }
}
