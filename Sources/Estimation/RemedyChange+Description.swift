import Graph
import Parallelism
import Units

extension RemedyChange: CustomStringConvertible {
  /// What to do, in the words of frameworks.
  public var description: String {
    switch self {
    case .recomputation(let recomputation): recomputation.remedy
    case .microBatch(let size): "micro batch \(size), more microbatches"
    case .sharding(let sharding): "\(sharding.rawValue.uppercased()): \(sharding.meaning)"
    case .plan(let plan): "the same GPUs as \(plan.axisReading)"
    case .schedule(let schedule, 1): "schedule \(schedule.label)"
    case .schedule(let schedule, let chunks): "schedule \(schedule.label), VPP\(chunks)"
    case .optimizerOffload(let share):
      "\(Int((100 * share).rounded())) % of the optimizer on the host"
    case .activationOffload(let layers):
      "activations of \(layers) \(layers == 1 ? "layer" : "layers") per chunk on the host"
    case .fusedLoss: "loss fused in place of the logits"
    case .keyValueCache(let format): "KV cache in \(format.rawValue)"
    }
  }
}

extension Recomputation {
  fileprivate var remedy: String {
    switch self {
    case .none: return "no recomputation"
    case .selective(let modules):
      let names = RecomputedModule.allCases.filter(modules.contains).map(\.rawValue)
      return "selective recomputation of \(names.joined(separator: ", "))"
    case .uniform(let interval):
      return interval == 1
        ? "full recomputation of every layer" : "full recomputation, \(interval) layers at a time"
    case .block(let layers):
      return "full recomputation of \(layers) \(layers == 1 ? "layer" : "layers") per chunk"
    }
  }
}

extension DataSharding {
  fileprivate var meaning: String {
    switch self {
    case .none: "nothing sharded"
    case .optimizer: "optimizer sharded over replicas"
    case .gradients: "gradients sharded over replicas too"
    case .parameters: "parameters gathered layer by layer"
    }
  }
}
