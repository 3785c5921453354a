import ArgumentParser
import Graph

/// How tokens reach their experts.
struct ExpertOptions: ParsableArguments {
  enum Dispatcher: String, ExpressibleByArgument, CaseIterable {
    case allToAll = "alltoall"
    case allGather = "allgather"
    case deepEP = "deepep"
    case flex

    var dispatcher: ExpertDispatcher {
      switch self {
      case .allToAll: .allToAll
      case .allGather: .allGather
      case .deepEP, .flex: .deepEP
      }
    }
  }

  @Option(
    name: [.customLong("moe-token-dispatcher-type"), .customLong("dispatcher")],
    help: """
      Token dispatcher: alltoall (NCCL), allgather, or deepep (fused, one copy per rank; Megatron's \
      flex). (default: alltoall)
      """)
  var dispatcher: Dispatcher?

  @Option(
    name: .customLong("moe-expert-capacity-factor"),
    help:
      "Rows that an expert takes per row of a balanced share, the rest dropped; dropless unless given."
  )
  var capacityFactor: Double?

  @Flag(
    name: .customLong("overlap-moe-expert-parallel-comm"),
    help: "Hide the all-to-all of one microbatch under kernels of another (combined 1F1B).")
  var overlapsExperts = false

  @Flag(
    name: .customLong("moe-shared-expert-overlap"),
    help: "Shared experts on a stream of their own, beside the all-to-all.")
  var overlapsSharedExperts = false

  @Flag(
    name: .customLong("no-aux-loss"), help: "Train without the router's balancing loss.")
  var leavesOutAuxiliaryLoss = false

  @Flag(
    name: .customLong("mtp"), help: "Train the model's multi-token-prediction modules (MTP).")
  var trainsPrediction = false

  func apply(to configuration: inout StepConfiguration) {
    if let dispatcher { configuration.dispatcher = dispatcher.dispatcher }
    if let capacityFactor { configuration.capacityFactor = capacityFactor }
    if overlapsExperts { configuration.overlapsExperts = true }
    if overlapsSharedExperts { configuration.overlapsSharedExperts = true }
    if leavesOutAuxiliaryLoss { configuration.auxiliaryLoss = false }
    if trainsPrediction { configuration.multiTokenPrediction = true }
  }
}
