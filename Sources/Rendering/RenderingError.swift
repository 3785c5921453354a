/// Why a picture or file could not be made.
public enum RenderingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A format that is not one of ours.
  case unknownFormat(text: String, known: [String])
  /// The installed Graphviz has no plugin for a format.
  case missingPlugin(format: PictureFormat, message: String)
  /// Graphviz could not lay a picture out or draw it.
  case graphviz(doing: String, message: String)
  /// A file could not be written; nothing is left of it.
  case unwritable(path: String, reason: String)
  /// A rank that the step does not have.
  case noSuchRank(rank: Int, worldSize: Int)
  /// A layer and microbatch without operations.
  case nothingToDraw(what: String, hint: String)

  public var description: String {
    switch self {
    case .unknownFormat(let text, let known):
      "unknown picture format \"\(text)\"; expected one of \(known.joined(separator: ", "))"
    case .missingPlugin(let format, let message):
      """
      the installed Graphviz cannot write \(format.rawValue)\(message.isEmpty ? "" : " (\(message))"); \
      install its cairo plugin or write svg instead
      """
    case .graphviz(let doing, let message):
      "Graphviz failed while \(doing): \(message.isEmpty ? "no message" : message)"
    case .unwritable(let path, let reason):
      "cannot write \(path): \(reason); name a file in a folder that exists and that you may write"
    case .noSuchRank(let rank, let worldSize):
      "there is no rank \(rank); the step has ranks 0 to \(worldSize - 1)"
    case .nothingToDraw(let what, let hint):
      "there is nothing to draw for \(what); \(hint)"
    }
  }
}
