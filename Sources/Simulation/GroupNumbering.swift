import Graph
import Parallelism

/// Dense numbers for the groups of every family that a graph uses, over all families.
struct GroupNumbering {
  /// The families, in the order of all tables here.
  let families = GroupFamily.allCases
  /// The stream on which each family's collectives run.
  let stream: [Int]
  /// For each family, the number of its first group.
  let first: [Int32]
  /// For each family used, the number of each rank's group within the family.
  let numberOfRank: [[Int32]]
  /// Members of each family's groups.
  let size: [Int32]
  /// Groups of all families together.
  let count: Int
  private let bases: [[Int32]]
  private let axes: [[RankGroup.Axis]]

  /// - Complexity: O(ranks × families used).
  init(_ graph: StepGraph) {
    var used = [Bool](repeating: false, count: GroupFamily.allCases.count)
    for case .collective(let collective) in graph.works {
      used[Int(collective.family.rawValue)] = true
    }
    var first: [Int32] = []
    var numbers: [[Int32]] = []
    var size: [Int32] = []
    var bases: [[Int32]] = []
    var axes: [[RankGroup.Axis]] = []
    var count = 0
    for family in GroupFamily.allCases {
      first.append(Int32(count))
      size.append(Int32(graph.grid.size(of: family)))
      axes.append(graph.grid.axes(of: family))
      var numberOfRank: [Int32] = []
      var basesOfFamily: [Int32] = []
      if used[Int(family.rawValue)] {
        var numberOfBase = [Int32](repeating: -1, count: graph.grid.worldSize)
        numberOfRank.reserveCapacity(graph.grid.worldSize)
        for rank in 0..<graph.grid.worldSize {
          let base = graph.grid.group(family, containing: rank).base
          if numberOfBase[base] < 0 {
            numberOfBase[base] = Int32(basesOfFamily.count)
            basesOfFamily.append(Int32(base))
          }
          numberOfRank.append(numberOfBase[base])
        }
      }
      numbers.append(numberOfRank)
      bases.append(basesOfFamily)
      count += basesOfFamily.count
    }
    var stream = [Int](repeating: 0, count: families.count)
    for operation in graph.programs.lazy.flatMap(\.operations) {
      guard case .collective(let family) = operation.meeting else { continue }
      stream[Int(family.rawValue)] = Int(operation.stream.rawValue)
    }
    self.stream = stream
    self.first = first
    self.numberOfRank = numbers
    self.size = size
    self.bases = bases
    self.axes = axes
    self.count = count
  }

  /// The members of a group.
  func members(of family: GroupFamily, number: Int) -> RankGroup {
    let family = Int(family.rawValue)
    return RankGroup(base: Int(bases[family][number]), axes: axes[family])
  }
}
