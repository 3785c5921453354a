import Units

/// The time of a path per kind of operation, each moment counted once.
struct PathTotals {
  struct Row {
    let title: String
    let operationClass: OperationClass
    var time: Int64 = 0
    var count = 0
  }

  private var rows: [Row] = []

  init(_ segments: [PathPicture.Segment]) {
    var rowOfTitle: [String: Int] = [:]
    var end: Int64 = segments.first?.start.picoseconds ?? 0
    for segment in segments {
      let row = rowOfTitle[segment.title] ?? rows.count
      if row == rows.count {
        rowOfTitle[segment.title] = row
        rows.append(Row(title: segment.title, operationClass: segment.operationClass))
      }
      rows[row].time += max(
        0, segment.finish.picoseconds - max(segment.start.picoseconds, end))
      rows[row].count += 1
      end = max(end, segment.finish.picoseconds)
    }
  }

  /// Kinds of operation.
  var count: Int { rows.count }

  var time: Int64 { rows.reduce(0) { $0 + $1.time } }

  /// The rows with the most time, most first; ties in order of occurrence.
  func largest(_ limit: Int) -> [Row] {
    let order = rows.indices.sorted { (rows[$1].time, $0) < (rows[$0].time, $1) }
    return order.prefix(limit).map { rows[$0] }
  }
}
