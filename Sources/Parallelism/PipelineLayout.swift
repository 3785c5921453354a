/// Which layers each stage of the pipeline holds.
public enum PipelineLayout: Hashable, Sendable {
  /// As many layers on every stage.
  case even
  /// Even, but the embedding and the loss count as a layer each where asked for
  /// (`--account-for-embedding-in-pipeline-split`, `--account-for-loss-in-pipeline-split`).
  case counting(embedding: Bool, loss: Bool)
  /// The first and last pipeline rank hold numbers of their own
  /// (`--decoder-first-pipeline-num-layers`, `--decoder-last-pipeline-num-layers`); the rest is even.
  case ends(first: Int?, last: Int?)
  /// Layers of every stage, in model order.
  case custom([Int])
}
