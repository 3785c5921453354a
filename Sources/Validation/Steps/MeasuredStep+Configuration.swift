import Foundation
import Graph
import Parallelism

extension MeasuredStep {
  /// The step with its options: as printed, and what the stack does by default where nothing is.
  func configuration(of plan: ParallelPlan) throws(StepRowProblem) -> StepConfiguration {
    var step = StepConfiguration(
      sequenceLength: sequenceLength, microBatchSize: sequencesPerMicrobatch,
      microbatches: microbatches, schedule: pipelineSchedule(of: plan))
    step.layout = layout(of: plan)
    step.precision = try numbers
    step.recomputation = recomputed(of: plan)
    step.multiTokenPrediction = mentions("1 MTP")
    applySharding(to: &step, plan)
    let overlaps = stack.overlapsData && !mentions("overlap features OFF")
    step.overlapsGradientReduce = overlaps
    step.overlapsParameterGather = overlaps
    step.overlapsTensor =
      plan.sequenceParallel && stack.overlapsTensor && !mentions("overlap off")
      && !mentions("overlap features OFF") && experts == nil
    step.fusesCrossEntropy = stack.release >= 2301
    step.usesCUDAGraphs = mentions("CUDA graphs")
    if mentions("a2a") { step.contextExchange = .allToAll }
    applyExperts(to: &step)
    return step
  }

  private func pipelineSchedule(of plan: ParallelPlan) -> PipelineSchedule {
    guard plan.pipeline > 1 else { return .oneForwardOneBackward }
    switch schedule {
    case "ZB-1p", "zero-bubble": return .zeroBubbleH1
    case "ZB-2p": return .zeroBubbleH2
    default: return .oneForwardOneBackward
    }
  }

  private var numbers: Precision {
    get throws(StepRowProblem) {
      switch precision {
      case let name where name.hasPrefix("bf16"): return .bf16
      case let name where name.hasPrefix("fp16"): return .fp16
      case let name where name.hasPrefix("mxfp8"): return .mxfp8
      case let name where name.hasPrefix("fp8") && (name.contains("block") || name.contains("sub")):
        return .fp8Blockwise
      case let name where name.hasPrefix("fp8"): return .fp8Tensorwise
      default: throw .unknownPrecision(precision)
      }
    }
  }

  private func applySharding(to step: inout StepConfiguration, _ plan: ParallelPlan) {
    let replicas = plan.data * plan.context
    if sharding.contains("zero-2") {
      step.sharding = .gradients
    } else if sharding.contains("fsdp") || sharding.contains("zero-3") {
      step.sharding = .parameters
    } else {
      step.sharding = sharding.hasPrefix("1") ? .optimizer : .none
    }
    let words = sharding.split(separator: " ").map { $0.filter { $0 != "," } }
    if let place = words.firstIndex(of: "shard"), place + 1 < words.count,
      let degree = Int(words[place + 1]), degree < replicas, replicas % degree == 0
    {
      step.shardingDegree = degree
    } else if sharding.hasPrefix("hsdp"), replicas > 8, replicas % 8 == 0 {
      step.shardingDegree = 8
    }
  }

  /// Modules that the remarks name; the attention core where recomputation is selective and nothing is
  /// named. PyTorch's per-operator choice recomputes about half of the products.
  private func recomputed(of plan: ParallelPlan) -> Recomputation {
    switch recomputation {
    case "full": return .uniform(interval: 1)
    case "selective":
      if stack.family == .fullySharded { return .block(layers: max(1, layers / plan.pipeline / 2)) }
      let named = namedModules
      return .selective(named.isEmpty ? [.coreAttention] : named)
    default: return .none
    }
  }

  /// What follows `recompute modules` or `selective:` in the remarks: `mla_up_proj+mlp`.
  private var namedModules: Set<RecomputedModule> {
    var modules: Set<RecomputedModule> = []
    for opening in ["recompute modules ", "selective: "] {
      guard let place = notes.range(of: opening) else { continue }
      let list = notes[place.upperBound...].prefix { $0.isLetter || "_+".contains($0) }
      for word in list.split(separator: "+") {
        if let module = RecomputedModule(rawValue: String(word)) { modules.insert(module) }
      }
    }
    return modules
  }

  private func applyExperts(to step: inout StepConfiguration) {
    guard experts != nil else { return }
    if mentions("tokendrop") || mentions("capacity 1") || mentions("capacity factor 1") {
      step.capacityFactor = 1
    } else if stack.fusesDispatch || mentions("deepep") || mentions("hybridep") {
      step.dispatcher = .deepEP
    }
    if mentions("overlap ON") || mentions("EP overlap,") { step.overlapsExperts = true }
  }
}
