/// When the operations of one rank began and ended, in picoseconds or any other unit.
public struct OperationTimes: Hashable, Sendable {
  /// Indexed like the operations of the rank's program.
  public let starts: [Int64]
  public let finishes: [Int64]

  /// - Precondition: as many starts as finishes.
  public init(starts: [Int64], finishes: [Int64]) {
    precondition(starts.count == finishes.count, "an operation has a start and an end")
    self.starts = starts
    self.finishes = finishes
  }

  /// One operation after the other in launch order, each one unit long: the times of a rank whose
  /// streams never run side by side.
  public init(launchOrderOf count: Int) {
    starts = (0..<count).map(Int64.init)
    finishes = (0..<count).map { Int64($0) + 1 }
  }
}
