/// Why an option of a step does not fit the model or the plan.
public enum OptionViolation: Error, Hashable, Sendable, CustomStringConvertible {
  /// A degree of hybrid sharding that leaves no whole shards.
  case shardingDegree(Int, replicas: Int, expertReplicas: Int, legal: [Int])

  /// All-to-all over more ranks than there are heads to give away.
  case contextHeads(heads: Int, keyValueHeads: Int, ranks: Int)
  /// A ring although the attention sees a window only.
  case ringWithWindow(window: Int)
  /// Inner groups that are no part of CP.
  case contextInner(Int, context: Int)
  /// Token drop with a dispatcher that has no fixed number of rows.
  case capacityWithDispatcher(String)
  /// A capacity that lets no token through.
  case capacity(Double)
  /// Tensor-parallel chunks without sequence parallelism to cut into them.
  case tensorOverlapWithoutSequenceParallel
  /// A share of the optimizer state outside 0 to 1.
  case optimizerOffload(Double)
  /// A number of layers below zero.
  case activationOffload(Int)
  /// Shared experts beside a dispatcher that leaves no gap for them.
  case sharedOverlapWithDispatcher(String)
  /// Shared experts computed again as a whole although they run in parts.
  case sharedOverlapWithRecomputation

  public var description: String {
    switch self {
    case .shardingDegree(let degree, let replicas, let expertReplicas, let legal):
      "sharding over \(degree) ranks does not cut DPxCP\(replicas) and EDP\(expertReplicas) into "
        + "whole instances; the degrees that do are \(list(legal))"
    case .contextHeads(let heads, let keyValueHeads, let ranks):
      "an all-to-all over \(ranks) context-parallel ranks needs as many of a tensor-parallel rank's "
        + "\(heads) query and \(keyValueHeads) KV heads, or a part of them; exchange keys and values "
        + "by a ring or an all-gather"
    case .ringWithWindow(let window):
      "a ring passes keys that a sliding window of \(window) tokens does not see; exchange keys and "
        + "values by an all-gather or an all-to-all"
    case .tensorOverlapWithoutSequenceParallel:
      "overlapping tensor-parallel communication needs sequence parallelism, whose gathers and "
        + "scatters it cuts into chunks; write SP1"
    case .optimizerOffload(let share):
      "\(share) of the optimizer state cannot be kept on the host; choose a share from 0 to 1"
    case .activationOffload(let layers):
      "activations of \(layers) layers cannot be kept on the host; choose 0 or more"
    case .capacityWithDispatcher(let dispatcher):
      "a capacity factor needs the alltoall dispatcher, not \(dispatcher)"
    case .capacity(let factor):
      "a capacity factor of \(factor) lets no token through; choose one above 0, for example 1.25"
    case .sharedOverlapWithDispatcher(let dispatcher):
      "shared experts run beside the alltoall dispatcher only, not beside \(dispatcher)"
    case .sharedOverlapWithRecomputation:
      "shared experts that run in parts beside the routed ones cannot be recomputed as a whole; leave "
        + "shared_experts out of the recomputed modules, or recompute moe"
    case .contextInner(let inner, let context):
      "hierarchical context parallelism over \(inner) inner ranks does not cut CP\(context); "
        + "choose one of \(list((1...context).filter { context % $0 == 0 }))"
    }
  }
}

func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
