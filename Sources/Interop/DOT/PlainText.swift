/// The words of an HTML-like label: tags become spaces, entities become characters.
func plainText(ofHTML html: String) -> String {
  var text = ""
  var rest = html[...]
  while let character = rest.first {
    if character == "<" {
      text.append(" ")
      rest = rest.drop { $0 != ">" }.dropFirst()
    } else if character == "&", let end = rest.prefix(10).firstIndex(of: ";") {
      text.append(entity(rest[rest.index(after: rest.startIndex)..<end]))
      rest = rest[rest.index(after: end)...]
    } else {
      text.append(character)
      rest = rest.dropFirst()
    }
  }
  return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

private func entity(_ name: Substring) -> String {
  switch name {
  case "amp": return "&"
  case "lt": return "<"
  case "gt": return ">"
  case "quot": return "\""
  case "nbsp": return " "
  case "times": return "×"
  case "rarr": return "→"
  default:
    let digits = name.dropFirst(name.hasPrefix("#x") ? 2 : 1)
    guard name.hasPrefix("#"), let code = UInt32(digits, radix: name.hasPrefix("#x") ? 16 : 10),
      let scalar = Unicode.Scalar(code)
    else { return " " }
    return String(Character(scalar))
  }
}

/// A label with DOT's escapes resolved: `\n`, `\l` and `\r` end a line, `\N` is the node's name.
func resolvingEscapes(_ label: String, nodeName: String) -> String {
  guard label.contains("\\") else { return label }
  var text = ""
  var isEscaped = false
  for character in label {
    if isEscaped {
      switch character {
      case "n", "l", "r": text.append("\n")
      case "N": text.append(nodeName)
      case "G", "E", "T", "H", "L": text.append(" ")
      default: text.append(character)
      }
      isEscaped = false
    } else if character == "\\" {
      isEscaped = true
    } else {
      text.append(character)
    }
  }
  return text
}
