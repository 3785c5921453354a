import Graph
public import Simulation
public import Units

/// How much of a rank's communication runs behind its kernels.
public struct Overlap: Hashable, Sendable {
  /// Time in which a collective or message of the rank is on the wire, axes added up.
  public let communication: Ticks
  /// The part of it that the compute stream waits for.
  public let exposed: Ticks

  /// The share of communication that kernels hide, from 0 to 1; zero where nothing communicates.
  public var hiddenShare: Double {
    communication == .zero
      ? 0 : max(0, 1 - Double(exposed.picoseconds) / Double(communication.picoseconds))
  }

  /// - Complexity: O(operations) of the rank.
  public init(_ trace: RankTrace, breakdown: RankBreakdown) {
    var communication: Int64 = 0
    for (index, operation) in trace.program.operations.enumerated()
    where !operation.stream.runsKernels && operation.meeting != .receive {
      communication += trace.finish(index) - trace.starts[index]
    }
    self.communication = Ticks(communication)
    exposed = breakdown.exposedCommunication
  }
}
