public import Units

/// Why a step cannot be played to its end.
public enum SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing can start any more although operations are left.
  case deadlock(at: Instant, waiting: Int, examples: [Blockage])

  public var description: String {
    switch self {
    case .deadlock(let time, let waiting, let examples):
      """
      deadlock after \(time.elapsed): \(waiting) operation\(waiting == 1 ? "" : "s") can never start; \
      for example
      \(examples.map { "  " + $0.description }.joined(separator: "\n"))
      check the pipeline order: a rank may wait for something that its partner does only later
      """
    }
  }
}

/// The head of a stream that cannot start, and why.
public struct Blockage: Hashable, Sendable, CustomStringConvertible {
  public let rank: Int
  /// The operation, for example `receive_activation forward microbatch 3`.
  public let operation: String
  /// What it waits for.
  public let reason: String

  public var description: String { "rank \(rank): \(operation) waits for \(reason)" }
}
