/// The known word that a misspelt one most likely meant; nil when none is near.
///
/// Letters' case does not count. Among equally near words the first one wins.
func nearestSpelling(to word: String, among known: [String]) -> String? {
  // A name longer than any known one by far cannot be near, and would only cost time.
  let wanted = Array(word.lowercased().prefix(80))
  var best: (word: String, distance: Int)?
  for candidate in known {
    let distance = editDistance(wanted, Array(candidate.lowercased()))
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(2, wanted.count / 3) else { return nil }
  return best.word
}

/// The fewest insertions, deletions and replacements that turn one word into another (Levenshtein).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, letter) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in b.enumerated() {
      let replaced = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
