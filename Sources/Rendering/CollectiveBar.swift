import Parallelism

/// One group's collective on the columns of a layer picture.
struct CollectiveBar {
  let group: RankGroup
  /// The columns of the members shown, ascending.
  let columns: [Int]
  /// The line within the row: groups whose extents overlap lie on different lines.
  var line = 0

  /// Whether the members are neighbours, so that a solid bar covers nobody else.
  var isSolid: Bool { columns[columns.count - 1] - columns[0] == columns.count - 1 }

  /// The groups of a family that the columns' ranks belong to, placed on as few lines as overlaps
  /// allow.
  static func bars(of family: GroupFamily, ranks: [Int], on grid: RankGrid) -> [CollectiveBar] {
    var bars: [CollectiveBar] = []
    var barOfBase: [Int: Int] = [:]
    var columnsOfBar: [[Int]] = []
    var groups: [RankGroup] = []
    for (column, rank) in ranks.enumerated() {
      let group = grid.group(family, containing: rank)
      let bar = barOfBase[group.base] ?? groups.count
      if bar == groups.count {
        barOfBase[group.base] = bar
        groups.append(group)
        columnsOfBar.append([])
      }
      columnsOfBar[bar].append(column)
    }
    var endOfLine: [Int] = []
    for (group, columns) in zip(groups, columnsOfBar) {
      var bar = CollectiveBar(group: group, columns: columns)
      bar.line = endOfLine.firstIndex { $0 < columns[0] } ?? endOfLine.count
      if bar.line == endOfLine.count { endOfLine.append(0) }
      endOfLine[bar.line] = columns[columns.count - 1]
      bars.append(bar)
    }
    return bars
  }
}
