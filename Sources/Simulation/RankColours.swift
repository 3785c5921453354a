import Cost
import Graph
import Parallelism
import Units

/// A colour for every rank; ranks of different colours are known to differ.
///
/// Refinement splits colours by what their ranks see, until nobody sees a difference any more.
struct RankColours {
  /// By rank, from 0.
  private(set) var colours: [Int32]
  private(set) var count: Int
  private let graph: StepGraph
  private let stages: [Int]

  /// Ranks are as alike as their stages.
  init(_ graph: StepGraph) {
    self.graph = graph
    stages = (0..<graph.grid.worldSize).map(graph.grid.pipelineRank)
    colours = stages.map { Int32($0) }
    count = graph.programs.count
  }

  /// Splits colours by what collectives cost in a rank's groups, messages on its paths, and kernels on
  /// the rank.
  mutating func refine(byCosts costs: StepCosts) {
    var varying: [GroupFamily: [Int]] = [:]
    var kernels: [Int] = []
    var hasVaryingTransfer = false
    for work in costs.offset.indices where costs.isPerGroup[work] {
      switch graph.works[costs.work(pricedBy: work)] {
      case .collective(let collective): varying[collective.family, default: []].append(work)
      case .transfer: hasVaryingTransfer = true
      default: kernels.append(work)
      }
    }
    refine(byKernels: kernels, costs: costs)
    for family in GroupFamily.allCases {
      guard let works = varying[family] else { continue }
      let table = GroupTable(family, of: graph.grid)
      var numbers = Interning<[Int64]>()
      let ofGroup = (0..<table.count).map { group in
        numbers.number(
          of: works.map { costs.duration(ofWork: $0, groupIndex: group).picoseconds })
      }
      refine(by: table.indices.map { ofGroup[Int($0)] })
    }
    guard hasVaryingTransfer else { return }
    for peer in graph.programs.indices {
      refine(
        by: colours.indices.map { rank in
          Int32(costs.pathIndex(from: rank, to: graph.grid.rank(rank, movedToStage: peer)))
        })
    }
  }

  private mutating func refine(byKernels works: [Int], costs: StepCosts) {
    if let experts = costs.experts, !works.isEmpty {
      var numbers = Interning<[Int64]>()
      let places = (experts.places.max() ?? 0) + 1
      let ofPlace = (0..<Int(places)).map { place in
        numbers.number(
          of: works.map { costs.duration(ofWork: $0, groupIndex: place).picoseconds })
      }
      refine(by: experts.places.map { ofPlace[Int($0)] })
    }
    guard let kernels = costs.kernels else { return }
    if kernels.scatter == nil {
      var numbers = Interning<Double>()
      refine(by: kernels.factors.map { numbers.number(of: $0) })
    } else {
      refine(by: colours.indices.map { Int32($0) })
    }
  }

  /// Splits colours by the set of colours in a rank's group.
  mutating func refine(byMembersOf table: GroupTable, partners: StagePartners) {
    let isCaller = partners.callers[Int(table.family.rawValue)]
    let sets = colourSets(in: table) { isCaller[stages[$0]] }
    refine(
      by: colours.indices.map { isCaller[stages[$0]] ? sets[Int(table.indices[$0])] : 0 })
  }

  /// Splits colours by the colours of the ranks at the other ends of messages.
  mutating func refine(byPeers partners: StagePartners) {
    for peer in graph.programs.indices {
      refine(
        by: colours.indices.map { rank in
          partners.peers[stages[rank]].contains(peer)
            ? colours[graph.grid.rank(rank, movedToStage: peer)] : 0
        })
    }
  }

  /// By group, a number for the set of colours of its members; equal sets have equal numbers.
  func colourSets(in table: GroupTable, isMember: (Int) -> Bool) -> [Int32] {
    var members = [[Int32]](repeating: [], count: table.count)
    for rank in colours.indices where isMember(rank) {
      let group = Int(table.indices[rank])
      // Neighbours mostly share a colour, so the lists stay short.
      if members[group].last != colours[rank] { members[group].append(colours[rank]) }
    }
    var numbers = Interning<[Int32]>()
    return members.map { list in
      list.count < 2 ? numbers.number(of: list) : numbers.number(of: Set(list).sorted())
    }
  }

  /// Splits colours by a number that each rank sees.
  private mutating func refine(by seen: [Int32]) {
    var first = [Int32?](repeating: nil, count: count)
    let isSplit = colours.indices.contains { rank in
      let colour = Int(colours[rank])
      defer { first[colour] = seen[rank] }
      return first[colour].map { $0 != seen[rank] } ?? false
    }
    guard isSplit else { return }
    var numbers = Interning<SIMD2<Int32>>()
    colours = zip(colours, seen).map { numbers.number(of: SIMD2($0, $1)) }
    count = numbers.count
  }
}

/// Numbers from 0 for values, in the order in which they are first met.
private struct Interning<Value: Hashable> {
  private var known: [Value: Int32] = [:]

  var count: Int { known.count }

  mutating func number(of value: Value) -> Int32 {
    if let number = known[value] { return number }
    let number = Int32(known.count)
    known[value] = number
    return number
  }
}
