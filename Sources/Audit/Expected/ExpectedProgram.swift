import Graph
import Parallelism

/// What every rank of one pipeline stage must execute.
public struct ExpectedProgram: Sendable {
  public let pipelineRank: Int
  /// In every microbatch.
  public let operations: [ExpectedOperation]
  /// Once per step.
  public let stepOperations: [ExpectedStepOperation]
  /// The layers of the rank, ascending, those of prediction modules last.
  public let layers: [Int]
  /// For each chunk, the microbatches in the order in which they add to its weights' gradients.
  let additions: [[Int]]
  /// For each chunk and microbatch, the microbatch that adds before it; -1 for the first.
  private let before: [[Int]]
  private let layerCount: Int
  private let columnCount: Int
  /// Index of the operation of a kind and pass in a layer or at a chunk's ends; `-1` where none is.
  private let lookup: [Int32]

  init(
    pipelineRank: Int, map: StageMap, sizes: StepSizes, gradientNormGroup: GroupFamily
  ) {
    let stage = StageFlow(pipelineRank: pipelineRank, map: map, sizes: sizes)
    additions = (0..<map.order.chunks).map { map.additions(rank: pipelineRank, chunk: $0) }
    before = additions.map { order in
      var before = [Int](repeating: -1, count: sizes.configuration.microbatches)
      for (earlier, later) in zip(order, order.dropFirst()) { before[later] = earlier }
      return before
    }
    var operations = FlowExpansion(of: stage.flow, includesBackward: sizes.isTraining).operations()
    if sizes.isTraining {
      ShardedParameters(stage: stage, map: map, sizes: sizes, additions: additions)
        .add(to: &operations)
      OffloadedActivations(stage: stage, sizes: sizes).add(to: &operations)
    }
    if sizes.copies > 1 {
      for index in operations.indices {
        operations[index].only = map.order.microbatches(ofChunk: operations[index].chunk)
      }
    }
    stepOperations =
      ExpectedSynchronization(
        sizes: sizes, map: map, pipelineRank: pipelineRank, gradientNormGroup: gradientNormGroup,
        chunks: stage.parameters
      ).operations
    self.pipelineRank = pipelineRank
    self.operations = operations
    layers = Set(operations.compactMap(\.layer)).sorted()
    layerCount = sizes.layerCount
    columnCount = layerCount + map.order.chunks
    lookup = Self.lookup(operations, layerCount: layerCount, columnCount: columnCount)
  }

  /// Nodes of one microbatch, counting each operation as rarely as allowed.
  public var nodesPerMicrobatch: Int {
    operations.reduce(0) { $0 + $1.count(in: 0).lowerBound }
  }

  /// Nodes of the end of the step, counting each operation as rarely as allowed.
  public var stepNodes: Int { stepOperations.reduce(0) { $0 + $1.count.lowerBound } }

  /// Collective calls of one microbatch, counting each as rarely as allowed.
  public var collectivesPerMicrobatch: Int {
    operations.reduce(0) {
      $0 + ($1.communication?.collective == nil ? 0 : $1.count(in: 0).lowerBound)
    }
  }

  /// Whether the rank computes any gradient; a stage may hold nothing.
  var hasGradients: Bool {
    operations.contains {
      $0.communication == nil && ($0.pass == .inputGradient || $0.pass == .weightGradient)
    }
  }

  /// The microbatch whose gradients a chunk's weights have before those of another; nil for the first.
  func microbatch(before microbatch: Int, chunk: Int) -> Int? {
    let earlier = before[chunk][microbatch]
    return earlier < 0 ? nil : earlier
  }

  /// The expected operation that a node stands for, as an index into `operations`.
  func operation(kind: OperationKind, pass: OperationPass, layer: Int?, chunk: Int?) -> Int? {
    let column: Int
    if let layer {
      guard layer < layerCount else { return nil }
      column = layer
    } else {
      let chunk = chunk ?? 0
      guard layerCount + chunk < columnCount else { return nil }
      column = layerCount + chunk
    }
    let index = lookup[Self.row(kind, pass) * columnCount + column]
    return index < 0 ? nil : Int(index)
  }

  /// The expected operation of the step that a node stands for, as an index into `stepOperations`:
  /// that over its group, else the first of its kind.
  func stepOperation(kind: OperationKind, family: GroupFamily?) -> Int? {
    var first: Int?
    for (index, operation) in stepOperations.enumerated() where operation.kind == kind {
      if let family, operation.collective?.family == family { return index }
      first = first ?? index
    }
    return first
  }

  private static func row(_ kind: OperationKind, _ pass: OperationPass) -> Int {
    Int(kind.rawValue) * OperationPass.allCases.count + Int(pass.rawValue)
  }

  private static func lookup(
    _ operations: [ExpectedOperation], layerCount: Int, columnCount: Int
  ) -> [Int32] {
    let rows = OperationKind.allCases.count * OperationPass.allCases.count
    var lookup = [Int32](repeating: -1, count: rows * columnCount)
    for (index, operation) in operations.enumerated() {
      let column = operation.layer ?? (layerCount + operation.chunk)
      lookup[row(operation.kind, operation.pass) * columnCount + column] = Int32(index)
    }
    return lookup
  }
}
