/// How large the steps are that stages work on.
public enum StepSize: String, Sendable {
  /// The acceptance cases: millions of nodes.
  case full
  /// The same functions on thousands of nodes, so that tests can run every one of them.
  case tiny
}
