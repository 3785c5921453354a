public import Graph
public import Model
public import Parallelism

/// What a step must contain, derived from model, plan and step configuration alone.
///
/// It shares no code with the builder of step graphs: layers are described as data flow, backward
/// edges follow by reversal, sizes come from the formulas of Megatron Core.
public struct ExpectedStep: Sendable {
  public let model: TransformerModel
  public let grid: RankGrid
  public let configuration: StepConfiguration
  /// Indexed by pipeline rank.
  public let programs: [ExpectedProgram]

  /// - Precondition: the plan is legal for the model: its stages divide the layers.
  /// - Parameter gradientNormGroup: the group that agrees on the norm of the gradients; by default
  ///   all ranks with a distributed optimizer, else those that hold one replica of the model.
  public init(
    model: TransformerModel, plan: ParallelPlan, configuration: StepConfiguration,
    gradientNormGroup: GroupFamily? = nil
  ) {
    self.model = model
    grid = RankGrid(plan)
    self.configuration = configuration
    let sizes = StepSizes(model: model, plan: plan, configuration: configuration)
    let normGroup =
      gradientNormGroup ?? (configuration.sharding.shardsOptimizer ? .world : .tensorPipeline)
    programs = (0..<plan.pipeline).map {
      ExpectedProgram(pipelineRank: $0, sizes: sizes, gradientNormGroup: normGroup)
    }
  }

  /// Nodes of the whole step over all ranks, counting each operation as rarely as allowed.
  public var nodeCount: Int {
    programs.reduce(0) { sum, program in
      sum + program.nodesPerMicrobatch * configuration.microbatches + program.stepNodes
    } * grid.plan.stageSize
  }
}

/// What every rank of one pipeline stage must execute.
public struct ExpectedProgram: Sendable {
  public let pipelineRank: Int
  /// Once per microbatch.
  public let operations: [ExpectedOperation]
  /// Once per step.
  public let stepOperations: [ExpectedStepOperation]
  /// The layers of the rank, ascending.
  public let layers: [Int]
  private let layerCount: Int
  private let columnCount: Int
  /// Index of the operation of a kind and pass in a layer or at a chunk's ends; `-1` where none is.
  private let lookup: [Int32]
  private let stepLookup: [Int32]

  init(pipelineRank: Int, sizes: StepSizes, gradientNormGroup: GroupFamily) {
    let plan = sizes.plan
    let perStage = sizes.model.layers.count / plan.stages
    var operations: [ExpectedOperation] = []
    var shards: [ParameterShards] = []
    var layers: [Int] = []
    for chunk in 0..<plan.virtualPipeline {
      let stage = chunk * plan.pipeline + pipelineRank
      let range = stage * perStage..<(stage + 1) * perStage
      var flow = DataFlow(chunk: chunk)
      var stream = flow.entry(stage: stage, sizes: sizes)
      for layer in range {
        let description = sizes.model.layers[layer]
        stream = flow.attentionBlock(
          description.attention, layer: layer, input: stream, sizes: sizes)
        stream = flow.feedForwardBlock(
          description.feedForward, layer: layer, input: stream, sizes: sizes)
      }
      flow.exit(stage: stage, input: stream, sizes: sizes)
      operations += flow.operations(includesBackward: sizes.isTraining, base: operations.count)
      shards.append(ParameterShards(stage: stage, layers: range, sizes: sizes))
      layers += range
    }
    let synchronization = ExpectedSynchronization(
      sizes: sizes, pipelineRank: pipelineRank, gradientNormGroup: gradientNormGroup, chunks: shards
    )
    self.pipelineRank = pipelineRank
    self.operations = operations
    self.layers = layers
    stepOperations = synchronization.operations
    layerCount = sizes.model.layers.count
    columnCount = layerCount + plan.virtualPipeline
    lookup = Self.lookup(operations, layerCount: layerCount, columnCount: columnCount)
    var stepLookup = [Int32](repeating: -1, count: OperationKind.allCases.count)
    for (index, operation) in stepOperations.enumerated() {
      stepLookup[Int(operation.kind.rawValue)] = Int32(index)
    }
    self.stepLookup = stepLookup
  }

  /// Nodes of one microbatch, counting each operation as rarely as allowed.
  public var nodesPerMicrobatch: Int { operations.reduce(0) { $0 + $1.count.lowerBound } }

  /// Nodes of the end of the step, counting each operation as rarely as allowed.
  public var stepNodes: Int { stepOperations.reduce(0) { $0 + $1.count.lowerBound } }

  /// Collective calls of one microbatch, counting each as rarely as allowed.
  public var collectivesPerMicrobatch: Int {
    operations.reduce(0) { $0 + ($1.communication?.collective == nil ? 0 : $1.count.lowerBound) }
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

  /// The expected operation of the end of the step, as an index into `stepOperations`.
  func stepOperation(kind: OperationKind) -> Int? {
    let index = stepLookup[Int(kind.rawValue)]
    return index < 0 ? nil : Int(index)
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
