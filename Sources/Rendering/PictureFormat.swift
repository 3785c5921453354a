/// What a picture is written as.
public enum PictureFormat: String, Hashable, Sendable, CaseIterable {
  case svg
  case pdf
  case png
  /// The laid-out graph in Graphviz's own language.
  case dot

  /// Reads the name or file extension of a format, in any case.
  ///
  /// - Throws: `RenderingError.unknownFormat`.
  public init(parsing text: String) throws(RenderingError) {
    guard let format = PictureFormat(rawValue: text.lowercased()) else {
      throw .unknownFormat(text: text, known: Self.allCases.map(\.rawValue))
    }
    self = format
  }

  /// The renderer's name in Graphviz.
  var graphvizName: String { rawValue }
}
