import ArgumentParser
import Graph

/// What data-parallel replicas share, and when they exchange it.
struct ShardingOptions: ParsableArguments {
  @Option(
    help: """
      ZeRO stage: 0 replicates, 1 shards the optimizer (Megatron's distributed optimizer), 2 \
      gradients too, 3 parameters too (FSDP). (default: 1)
      """)
  var zero: Int?

  @Flag(help: "Fully sharded data parallelism: --zero 3.") var fsdp = false

  @Option(
    help: "Ranks that share one copy of the state, the rest replicating it (hybrid sharding, HSDP)."
  )
  var shardingDegree: Int?

  @Flag(
    name: .customLong("no-distributed-optimizer"),
    help: "Replicate the optimizer instead of sharding it over data parallelism: --zero 0.")
  var replicatesOptimizer = false

  @Flag(
    name: .customLong("overlap-grad-reduce"), inversion: .prefixedNo,
    help: "Reduce gradients bucket by bucket under the backward. (default: on)")
  var overlapsGradientReduce: Bool?

  @Flag(
    name: .customLong("overlap-param-gather"), inversion: .prefixedNo,
    help: "Gather updated parameters bucket by bucket under the forward. (default: on)")
  var overlapsParameterGather: Bool?

  func validate() throws {
    if let zero, !(0...3).contains(zero) {
      throw ValidationError("--zero is a stage from 0 to 3, got \(zero)")
    }
    guard [zero != nil, fsdp, replicatesOptimizer].count(where: { $0 }) <= 1 else {
      throw ValidationError("--zero, --fsdp and --no-distributed-optimizer exclude each other")
    }
    if let shardingDegree, shardingDegree < 1 {
      throw ValidationError("--sharding-degree must be at least 1, got \(shardingDegree)")
    }
  }

  func apply(to configuration: inout StepConfiguration) {
    if let stage = fsdp ? 3 : replicatesOptimizer ? 0 : zero {
      configuration.sharding = DataSharding.allCases[stage]
    }
    if let shardingDegree { configuration.shardingDegree = shardingDegree }
    if let overlapsGradientReduce { configuration.overlapsGradientReduce = overlapsGradientReduce }
    if let overlapsParameterGather {
      configuration.overlapsParameterGather = overlapsParameterGather
    }
  }
}
