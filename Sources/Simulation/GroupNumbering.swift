import Graph
import Parallelism

/// One number for every group of every family that a graph uses.
struct GroupNumbering {
  /// For each family, the number of its first group; groups of a family follow in the order of
  /// `RankGrid.groups`.
  let first: [Int32]
  /// Members of each group.
  let sizes: [Int32]
  /// `numbers[family · ranks + rank]` is the number of the rank's group; unused families are zero.
  let numbers: [Int32]

  /// - Complexity: O(ranks × families).
  init(_ graph: StepGraph) {
    var used = [Bool](repeating: false, count: GroupFamily.allCases.count)
    for case .collective(let collective) in graph.works {
      used[Int(collective.family.rawValue)] = true
    }
    let ranks = graph.grid.worldSize
    var first: [Int32] = []
    var sizes: [Int32] = []
    var numbers: [Int32] = []
    for family in GroupFamily.allCases {
      let base = Int32(sizes.count)
      first.append(base)
      guard used[Int(family.rawValue)] else {
        numbers.append(contentsOf: repeatElement(0, count: ranks))
        continue
      }
      let table = GroupTable(family, of: graph.grid)
      let size = Int32(graph.grid.size(of: family))
      sizes.append(contentsOf: repeatElement(size, count: table.count))
      numbers.append(contentsOf: table.indices.map { base + $0 })
    }
    self.first = first
    self.sizes = sizes
    self.numbers = numbers
  }
}
