/// The columns that a text takes on a terminal: two for East Asian wide characters and emoji.
///
/// - SeeAlso: Unicode Standard Annex 11, "East Asian Width"; the ranges are its blocks of class W and
///   F that occur in names.
public func displayWidth(_ text: String) -> Int {
  text.reduce(0) { $0 + displayWidth($1) }
}

private func displayWidth(_ character: Character) -> Int {
  guard let scalar = character.unicodeScalars.first else { return 0 }
  if scalar.properties.generalCategory == .nonspacingMark || scalar.value == 0x200B { return 0 }
  let isEmojiSequence = character.unicodeScalars.contains { $0.value == 0xFE0F }
  let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
    0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
    0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]
  return isEmojiSequence || wide.contains { $0.contains(scalar.value) } ? 2 : 1
}
