/// The value of a Graphviz attribute.
public enum AttributeValue: Hashable, Sendable, ExpressibleByStringLiteral {
  /// Ours: a number, colour, keyword or position.
  case literal(String)
  /// Anyone's: shown as it is, line by line.
  case text(String)
  /// Lines that start at the left edge, shown as they are.
  case leftText(String)
  /// Lines that end at the right edge, shown as they are.
  case rightText(String)
  /// An HTML-like label; texts inside went through `escapedForHTML`.
  case html(String)

  public init(stringLiteral value: String) { self = .literal(value) }

  /// A number with two decimals: a hundredth of a point is below what anyone sees.
  static func number(_ value: Double) -> AttributeValue { .literal(shortDecimal(value)) }
}

/// A coordinate with at most two decimals and no trailing zeros.
func shortDecimal(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  let whole = hundredths.magnitude / 100
  let rest = hundredths.magnitude % 100
  let sign = hundredths < 0 ? "-" : ""
  if rest == 0 { return "\(sign)\(whole)" }
  return "\(sign)\(whole)." + (rest < 10 ? "0\(rest)" : "\(rest % 10 == 0 ? rest / 10 : rest)")
}

/// A text as a Graphviz label that shows it: neither escapes such as `\N` nor entities are read.
///
/// - Parameter lineEnd: `\n` centres lines, `\l` starts them at the left, `\r` ends them at the right.
func escapedForLabel(_ text: String, lineEnd: String = "\\n") -> String {
  var label = ""
  label.reserveCapacity(text.utf8.count + 8)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\\": label += "\\\\"
    case "&": label += "&amp;"
    case "\n": label += lineEnd
    case _ where isControl(scalar): label += "\u{FFFD}"
    default: label.unicodeScalars.append(scalar)
    }
  }
  return lineEnd == "\\n" ? label : label + lineEnd
}

/// A text for the inside of an HTML-like label, as it is.
func escapedForHTML(_ text: String) -> String {
  var html = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": html += "&amp;"
    case "<": html += "&lt;"
    case ">": html += "&gt;"
    case "\"": html += "&quot;"
    case "\n": html += "<BR/>"
    case _ where isControl(scalar): html += "\u{FFFD}"
    default: html.unicodeScalars.append(scalar)
    }
  }
  return html
}

/// Characters that XML forbids or that would move a terminal's cursor.
func isControl(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0xFFFE
    || scalar.value == 0xFFFF
}
