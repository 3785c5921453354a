/// Text from a file, made harmless for Markdown: on one line, escaped, and of bounded length.
func escapedMarkdown(_ text: String, limit: Int = 80) -> String {
  var result = ""
  var length = 0
  for scalar in text.unicodeScalars {
    guard length < limit else { return result + "…" }
    length += 1
    switch scalar {
    case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "!", "|", "<", ">", "&", "~", "$":
      result.append("\\")
      result.unicodeScalars.append(scalar)
    case _ where scalar.properties.isWhitespace: result.append(" ")
    case _ where isHidden(scalar): result.append("\u{FFFD}")
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// Controls and marks that reorder or hide what a reader sees.
private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
    .paragraphSeparator:
    true
  default: false
  }
}
