public import Graph

/// What a DOT file says about the step as a whole, as graph attributes.
public struct DOTHeader: Hashable, Sendable {
  public let model: String
  public let plan: String
  public let phase: String
  public let microbatches: Int
  public let sequenceLength: Int
  public let microBatchSize: Int

  public init(
    model: String, plan: String, phase: String, microbatches: Int, sequenceLength: Int,
    microBatchSize: Int
  ) {
    self.model = model
    self.plan = plan
    self.phase = phase
    self.microbatches = microbatches
    self.sequenceLength = sequenceLength
    self.microBatchSize = microBatchSize
  }

  /// The header of a step, given the names of its model and plan.
  public init(model: String, plan: String, configuration: StepConfiguration) {
    self.init(
      model: model, plan: plan, phase: configuration.phase.rawValue,
      microbatches: configuration.microbatches, sequenceLength: configuration.sequenceLength,
      microBatchSize: configuration.microBatchSize)
  }

  /// The opening of the file.
  var text: String {
    """
    digraph step {
      model=\(dotQuoted(model));
      plan=\(dotQuoted(plan));
      phase=\(dotQuoted(phase));
      microbatches=\(microbatches);
      sequence_length=\(sequenceLength);
      micro_batch=\(microBatchSize);

    """
  }
}

/// A text as a quoted DOT string, which escapes quotes and nothing else.
///
/// Labels shown by other tools read a backslash as an escape, so it is doubled, which also keeps one
/// at the end from swallowing the closing quote.
func dotQuoted(_ text: String) -> String {
  var quoted = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": quoted += "\\\""
    case "\\": quoted += "\\\\"
    case _ where isControl(scalar): quoted += " "
    default: quoted.unicodeScalars.append(scalar)
    }
  }
  return quoted + "\""
}
