/// Which communication Megatron's flags hide; nil where a flag is absent.
public struct MegatronOverlap: Hashable, Sendable {
  /// `--overlap-grad-reduce`.
  public let gradientReduce: Bool?
  /// `--overlap-param-gather`.
  public let parameterGather: Bool?
  /// Sends and receives of an interleaved pipeline; on by default there.
  public let pointToPoint: Bool?
  /// `--tp-comm-overlap`.
  public let tensorParallel: Bool?
  /// `--overlap-moe-expert-parallel-comm`.
  public let expertParallel: Bool?
  /// `--moe-shared-expert-overlap`.
  public let sharedExpert: Bool?
  /// Whether weight gradients wait, to hide the all-to-all behind them.
  public let delaysWeightGradients: Bool?

  init(_ reader: inout MegatronFlagReader) throws(MegatronError) {
    gradientReduce = try reader.isOn("overlap-grad-reduce")
    parameterGather = try reader.isOn("overlap-param-gather")
    pointToPoint = try reader.isOn(
      "overlap-p2p-communication", off: "no-overlap-p2p-communication")
    tensorParallel = try reader.isOn("tp-comm-overlap")
    expertParallel = try reader.isOn("overlap-moe-expert-parallel-comm")
    sharedExpert = try reader.isOn("moe-shared-expert-overlap")
    delaysWeightGradients = try reader.isOn("delay-wgrad-compute")
  }
}
