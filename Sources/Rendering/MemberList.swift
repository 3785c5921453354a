/// Ranks in the text of a DOT attribute: `0,4,8`, and `0-252:4` for a run of more than 16 ranks in
/// arithmetic progression (first, last, distance).
///
/// - Parameter ranks: ascending.
public func memberList(_ ranks: [Int]) -> String {
  var parts: [String] = []
  var begin = 0
  while begin < ranks.count {
    var end = begin + 1
    let stride = end < ranks.count ? ranks[end] - ranks[begin] : 0
    while end < ranks.count, ranks[end] - ranks[end - 1] == stride { end += 1 }
    if end - begin > 16 {
      parts.append("\(ranks[begin])-\(ranks[end - 1]):\(stride)")
      begin = end
    } else {
      parts.append(String(ranks[begin]))
      begin += 1
    }
  }
  return parts.joined(separator: ",")
}
