import Graph
import Parallelism
public import Units

/// The duration of every operation of a step on a cluster, in whole picoseconds.
///
/// Each distinct work is priced once. Kernels cost the same everywhere. A collective costs the same
/// in all groups of its family unless their placements differ; then there is one entry per group. A
/// message has one entry, or two where some links of the pipeline stay inside a node and others do
/// not.
///
/// Where ranks are unequal, there is an entry for each level of NIC bandwidth on the paths of messages,
/// there are works of their own for operations on routed rows, with an entry for each place in an
/// expert-parallel group, and a factor on the kernels of each rank.
public struct StepCosts: Hashable, Sendable {
  /// All entries, those of one work together.
  public let durations: [Ticks]
  /// Where the entries of each work start; indexed by `Operation.work`, works of `experts` behind.
  public let offset: [Int]
  /// Whether a work has an entry per group (collectives), per path (messages) or per place in an
  /// expert-parallel group (kernels).
  public let isPerGroup: [Bool]
  /// Host time to launch one operation; zero within a CUDA graph.
  public let launch: Ticks
  /// Host time before the first operation of a step: the launch of its CUDA graph.
  public let graphLaunch: Ticks
  /// Host time to learn a kernel's result.
  public let hostSync: Ticks
  /// GPUs of one NVLink domain.
  public let domainSize: Int
  /// What is left of each rank's NIC; nil where all are whole.
  public let rails: RailLevels?
  /// What work on routed rows takes; nil where all experts are asked alike.
  public let experts: ExpertWorks?
  /// How much longer the kernels of each rank take; nil where none do.
  public private(set) var kernels: KernelVariation?

  /// Durations from elsewhere than a cluster: measured ones, or made-up ones in tests.
  public init(
    durations: [Ticks], offset: [Int], isPerGroup: [Bool], launch: Ticks = .zero,
    graphLaunch: Ticks = .zero, hostSync: Ticks = .zero, domainSize: Int = .max,
    rails: RailLevels? = nil, experts: ExpertWorks? = nil
  ) {
    self.durations = durations
    self.offset = offset
    self.isPerGroup = isPerGroup
    self.launch = launch
    self.graphLaunch = graphLaunch
    self.hostSync = hostSync
    self.domainSize = domainSize
    self.rails = rails
    self.experts = experts
  }

  /// The same costs with other draws of the random factors on kernels.
  public func resampled(_ sample: Int) -> StepCosts {
    var costs = self
    costs.kernels = kernels?.resampled(sample)
    return costs
  }

  /// The same costs on ranks whose kernels vary.
  ///
  /// - Throws: `.tooLong` for a kernel that could take longer than factors are exact for, 37 minutes.
  public func varying(_ kernels: KernelVariation?) throws(CostError) -> StepCosts {
    var costs = self
    costs.kernels = kernels
    let longest = durations.max() ?? .zero
    if let kernels, kernels.largestFactor * Double(longest.picoseconds) >= 0x1p51 {
      throw .tooLong(
        cluster: "the slowest rank", duration: kernels.largestFactor * longest.seconds)
    }
    return costs
  }
}
