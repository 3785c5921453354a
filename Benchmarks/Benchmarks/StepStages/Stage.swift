/// A function from a fixed input to a result: what benchmarks measure and tests run once.
public struct Stage: Sendable {
  public let name: String
  /// Makes the input.
  public let prepare: @Sendable () throws -> Prepared

  /// A stage with its input at hand.
  public struct Prepared {
    /// What it works through, so that rates can be told: nodes of the step; nil where it has none.
    public let nodes: Int?
    /// Does the work; only this is measured. What it returns names the result.
    public let work: () throws -> () -> Checksum
  }

  /// - Parameter nodes: of the step that the input is.
  init<Input, Output>(
    _ name: String, input: @escaping @Sendable () throws -> Input,
    nodes: @escaping @Sendable (Input) -> Int? = { _ in nil },
    work: @escaping @Sendable (Input) throws -> Output,
    checksum: @escaping @Sendable (Output) -> Checksum
  ) {
    self.name = name
    prepare = {
      let input = try input()
      return Prepared(nodes: nodes(input)) {
        let output = try work(input)
        return { checksum(output) }
      }
    }
  }

  /// All stages in the order of the flow.
  public static func all(_ size: StepSize) -> [Stage] {
    rankGridStages(size) + graphStages(size) + simulationStages(size) + analysisStages(size)
      + renderingStages(size)
  }
}

/// Why the time of a stage means nothing.
public enum StageError: Error, CustomStringConvertible {
  case unsteady(stage: String, first: Checksum, later: Checksum)

  public var description: String {
    switch self {
    case .unsteady(let stage, let first, let later):
      "\(stage): the same input gave the checksum \(first) first and \(later) later"
    }
  }
}
