/// The candidate that needs the fewest single-letter edits to become a word, if at most a third of
/// the letters (but at least one) are wrong: what a refusal suggests.
func nearestSpelling(to word: String, in candidates: [String]) -> String? {
  let scored = candidates.map { (distance: editDistance(word, $0), candidate: $0) }
  guard let best = scored.min(by: { $0.distance < $1.distance }),
    best.distance <= max(1, word.count / 3)
  else { return nil }
  return best.candidate
}

/// Levenshtein's distance: insertions, deletions and substitutions of one letter.
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let substituted = diagonal + (letter == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
    }
  }
  return row[b.count]
}
