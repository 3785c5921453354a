/// The width of a line in Helvetica, in points, from the advance widths of its metrics file.
///
/// Within a few percent for Latin text, which is what placing boxes needs; Graphviz measures again.
func textWidth(_ text: String, size: Double, bold: Bool = false) -> Double {
  let units = text.unicodeScalars.reduce(0) { $0 + advance($1) }
  return Double(units) / 1000 * size * (bold ? 1.06 : 1) + size * 0.3
}

/// A text cut to fit a width, with an ellipsis.
func fitted(_ text: String, width: Double, size: Double) -> String {
  if textWidth(text, size: size) <= width { return text }
  var shortened = text
  while !shortened.isEmpty, textWidth(shortened + "…", size: size) > width {
    shortened.removeLast()
  }
  return shortened.isEmpty ? "" : shortened + "…"
}

/// Thousandths of the font size, rounded over classes of letters that differ little.
private func advance(_ scalar: Unicode.Scalar) -> Int {
  switch scalar {
  case "i", "j", "l", "'", "|": 222
  case " ", ".", ",", ":", ";", "!", "/", "f", "t", "I", "·": 278
  case "r", "-", "(", ")", "[", "]", "`", "\"": 333
  case "c", "k", "s", "v", "x", "y", "z", "J": 500
  case "m", "M", "%": 840
  case "w": 722
  case "W": 944
  case "+", "=", "<", ">", "×": 584
  case "A"..."Z", "&": 690
  case _ where scalar.value > 0x2E80: 1000
  default: 556
  }
}
