/// What data-parallel replicas share instead of each holding a copy: the stages of ZeRO.
public enum DataSharding: String, Hashable, Sendable, CaseIterable {
  /// Everything is replicated; gradients are all-reduced.
  case none = "zero-0"
  /// ZeRO-1, Megatron's distributed optimizer: optimizer state is sharded.
  case optimizer = "zero-1"
  /// ZeRO-2: gradients too, reduce-scattered in every microbatch.
  case gradients = "zero-2"
  /// ZeRO-3, fully sharded data parallelism: parameters too, gathered layer by layer.
  case parameters = "zero-3"

  /// Whether optimizer state is split over replicas.
  public var shardsOptimizer: Bool { self != .none }
  /// Whether a rank keeps only its shard of the gradients.
  public var shardsGradients: Bool { self == .gradients || self == .parameters }
}
