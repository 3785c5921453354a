/// Why the layers of a model cannot be laid out over the stages of a pipeline.
public enum LayoutError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The layers, and what counts as one, do not divide into the stages.
  case uneven(layers: Int, extra: Int, stages: Int)
  /// What the ends leave does not divide into the ranks between them.
  case endsUneven(layers: Int, ranks: Int)
  /// A rank's layers do not divide into its chunks.
  case rankUneven(layers: Int, chunks: Int)
  case wrongStageCount(found: Int, stages: Int)
  case wrongSum(found: Int, layers: Int)
  /// A written layout has a character that it cannot have there.
  case malformed(text: String, reason: String)

  public var description: String {
    switch self {
    case .uneven(let layers, 0, let stages):
      """
      \(layers) layers do not divide into \(stages) equal pipeline stages; \
      choose PP · VPP = \(list(nearestDivisors(of: layers, to: stages))), or a layout
      """
    case .uneven(let layers, let extra, let stages):
      """
      \(layers) layers and \(extra) for embedding or loss do not divide into \(stages) pipeline \
      stages; choose PP · VPP = \(list(nearestDivisors(of: layers + extra, to: stages)))
      """
    case .endsUneven(let layers, let ranks):
      """
      pipeline layout: first and last rank leave \(layers) layers for \(ranks) ranks; \
      expected \(ranks == 0 ? "none" : "a multiple of \(ranks), for example "
        + list(nearestMultiples(of: ranks, to: max(layers, 0))))
      """
    case .rankUneven(let layers, let chunks):
      """
      pipeline layout: \(layers) layers of a rank do not divide into \(chunks) chunks; the nearest \
      that do are \(list(nearestMultiples(of: chunks, to: layers)))
      """
    case .wrongStageCount(let found, let stages):
      "pipeline layout: found \(found) stages, expected PP · VPP = \(stages)"
    case .wrongSum(let found, let layers):
      "pipeline layout: its stages hold \(found) layers, the model has \(layers)"
    case .malformed(let text, let reason):
      """
      pipeline layout "\(text)": \(reason); write for example "Et*3|(tt|)*29,m|L"
      """
    }
  }
}
