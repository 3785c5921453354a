/// The known word that a misspelt one most likely meant: what a refusal suggests; nil when none is near.
///
/// Near means at most a third of the longer word's letters changed; one always may be, and two where
/// the word has four or more. Letters' case does not count; among equally near words the first one wins.
/// - Complexity: O(letters² · candidates); only the first 80 letters count.
public func nearestSpelling(to word: String, among candidates: [String]) -> String? {
  let wanted = Array(word.lowercased().prefix(80))
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let letters = Array(candidate.lowercased())
    let distance = editDistance(wanted, letters)
    let allowed = max(max(wanted.count, letters.count) / 3, wanted.count >= 4 ? 2 : 1)
    guard distance <= allowed, distance < best?.distance ?? .max else { continue }
    best = (candidate, distance)
  }
  return best?.candidate
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
