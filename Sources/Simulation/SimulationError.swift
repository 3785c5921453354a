public import Units

/// Why a step cannot be played to its end.
public enum SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing can start any more although operations are left.
  case deadlock(at: Instant, waiting: Int, examples: [Blockage])
  /// The ends of all nodes do not fit into memory. `classes` is how many ranks differ, where every
  /// rank was to be played.
  case tooLarge(nodes: Int, needed: Bytes, available: Bytes, outcome: Bytes, classes: Int?)

  public var description: String {
    switch self {
    case .deadlock(let time, let waiting, let examples):
      """
      deadlock after \(time.elapsed): \(waiting) operation\(waiting == 1 ? "" : "s") can never start; \
      for example
      \(examples.map { "  " + $0.description }.joined(separator: "\n"))
      check the pipeline order: a rank may wait for something that its partner does only later
      """
    case .tooLarge(let nodes, let needed, let available, let outcome, let classes):
      "the ends of \(grouped(nodes)) nodes take \(needed), but \(available) of memory are left; keep "
        + "only the ends of ranks, which takes \(outcome), or play \(alternative(classes))"
    }
  }
}

private func alternative(_ classes: Int?) -> String {
  guard let classes else { return "a step of fewer microbatches" }
  return "one rank for all that do the same (\(classes) \(classes == 1 ? "class" : "classes"))"
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
