public import Graph
public import Parallelism

extension StepConfiguration {
  /// Takes over what Megatron's flags say about the step; what they leave out stays as it is.
  ///
  /// - Throws: `MegatronStepError` for values that no step here has.
  public mutating func apply(_ arguments: MegatronArguments) throws {
    let step = arguments.step
    if let layout = try step.layout { self.layout = layout }
    applySharding(step)
    if let recomputation = try arguments.recompute.recomputation {
      self.recomputation = recomputation
    }
    if arguments.recompute.offloadsOptimizer == true {
      optimizerOffload = arguments.recompute.optimizerOffloadFraction ?? 1
    }
    if let layers = arguments.recompute.offloadedLayers { activationOffloadLayers = layers }
    try applyExchange(step)
    applyExperts(step)
    if let precision = try step.precision { self.precision = precision }
    if let fuses = step.fusesCrossEntropy { fusesCrossEntropy = fuses }
    if let modules = step.predictionModules { multiTokenPrediction = modules > 0 }
    applyOverlap(arguments.overlap)
  }

  private mutating func applySharding(_ step: MegatronStep) {
    if step.usesTorchFSDP == true {
      sharding = .parameters
    } else if step.usesMegatronFSDP == true {
      switch step.shardingStrategy {
      case .some(.none): sharding = .none
      case .optimizer: sharding = .optimizer
      case .optimizerAndGradients: sharding = .gradients
      case .everything, nil: sharding = .parameters
      }
    } else if let shards = step.usesDistributedOptimizer {
      sharding = shards ? .optimizer : .none
    }
  }

  private mutating func applyExchange(_ step: MegatronStep) throws {
    switch step.contextCommunication {
    case nil: return
    case .ring: contextExchange = .ring
    case .allGather: contextExchange = .allGather
    case .allToAll: contextExchange = .allToAll
    case .hierarchical:
      guard let sizes = step.hierarchicalContextSizes, sizes.count == 2 else {
        throw MegatronStepError.contextSizes(step.hierarchicalContextSizes ?? [])
      }
      contextExchange = .hierarchical(inner: sizes[0])
    }
  }

  private mutating func applyExperts(_ step: MegatronStep) {
    switch step.dispatcher {
    case .allGather: dispatcher = .allGather
    case .allToAll: dispatcher = .allToAll
    case .flex: dispatcher = .deepEP
    case nil: break
    }
    if let factor = step.expertCapacityFactor { capacityFactor = factor }
    if let coefficient = step.auxiliaryLossCoefficient { auxiliaryLoss = coefficient != 0 }
  }

  private mutating func applyOverlap(_ overlap: MegatronOverlap) {
    if let reduces = overlap.gradientReduce { overlapsGradientReduce = reduces }
    if let gathers = overlap.parameterGather { overlapsParameterGather = gathers }
    if let sends = overlap.pointToPoint { overlapsMessages = sends }
    if let chunks = overlap.tensorParallel { overlapsTensor = chunks }
    if let experts = overlap.expertParallel { overlapsExperts = experts }
    if let shared = overlap.sharedExpert { overlapsSharedExperts = shared }
  }
}

extension MegatronStep {
  /// Which layers each stage holds; nil where no flag says it.
  fileprivate var layout: PipelineLayout? {
    get throws {
      if let pipelineLayout { return try PipelineLayout(megatron: pipelineLayout) }
      if firstStageLayers != nil || lastStageLayers != nil {
        return .ends(first: firstStageLayers, last: lastStageLayers)
      }
      guard countsEmbeddingAsLayer == true || countsLossAsLayer == true else { return nil }
      return .counting(
        embedding: countsEmbeddingAsLayer == true, loss: countsLossAsLayer == true)
    }
  }

  /// The format of the linear layers; nil where no flag says it.
  fileprivate var precision: Precision? {
    get throws {
      guard fp8Format != nil else { return usesFP16 == true ? .fp16 : usesBF16.map { _ in .bf16 } }
      switch fp8Recipe {
      case nil, "tensorwise", "delayed": return .fp8Tensorwise
      case "blockwise": return .fp8Blockwise
      case "mxfp8": return .mxfp8
      case let recipe?: throw MegatronStepError.recipe(recipe)
      }
    }
  }
}

extension MegatronRecompute {
  /// What is recomputed; nil where no flag says it.
  fileprivate var recomputation: Recomputation? {
    get throws {
      switch granularity {
      case nil: nil
      case .selective: .selective(try RecomputedModule.named(modules ?? ["core_attn"]))
      case .full where method == .block: .block(layers: layers ?? 1)
      case .full: .uniform(interval: layers ?? 1)
      }
    }
  }
}
