public import Cost
public import Graph
import Parallelism
public import Units

/// Ranks that are bound to do everything at the same time, found without playing the step.
///
/// Two ranks fall into one class when they execute the same program at the same costs and meet ranks
/// of the same classes. Playing one rank of each class then gives the times of all, exactly.
public struct Folding: Hashable, Sendable {
  /// By rank, the number of its class within its stage.
  let column: [Int32]
  /// By stage, the lowest rank of each class.
  let representatives: [[Int]]

  /// The coarsest classes that hold for a step.
  ///
  /// - Complexity: O(ranks · group families) for each round of refinement; two or three suffice
  ///   where ranks are alike.
  public init(_ graph: StepGraph, costs: StepCosts) {
    var colours = RankColours(graph)
    colours.refine(byCosts: costs)
    let partners = StagePartners(graph)
    let tables = partners.families.map { GroupTable($0, of: graph.grid) }
    var count = 0
    while colours.count > count {
      count = colours.count
      for table in tables { colours.refine(byMembersOf: table, partners: partners) }
      colours.refine(byPeers: partners)
    }
    self.init(graph.grid, classes: colours.colours)
  }

  /// Every rank by itself.
  public init(unfolded graph: StepGraph) {
    self.init(graph.grid, classes: (0..<Int32(graph.grid.worldSize)).map { $0 })
  }

  /// - Parameter classes: by rank, any number that ranks of its class share and no others.
  private init(_ grid: RankGrid, classes: [Int32]) {
    var columnOfClass: [Int32: Int32] = [:]
    var column: [Int32] = []
    var representatives = [[Int]](repeating: [], count: grid.plan.pipeline)
    column.reserveCapacity(classes.count)
    columnOfClass.reserveCapacity(classes.count)
    for (rank, number) in classes.enumerated() {
      if let known = columnOfClass[number] {
        column.append(known)
        continue
      }
      let stage = grid.pipelineRank(of: rank)
      columnOfClass[number] = Int32(representatives[stage].count)
      column.append(Int32(representatives[stage].count))
      representatives[stage].append(rank)
    }
    self.column = column
    self.representatives = representatives
  }

  /// The number of classes.
  public var classes: Int { representatives.reduce(0) { $0 + $1.count } }

  /// The number of ranks.
  public var ranks: Int { column.count }

  /// What the ends of one rank of each class take in memory.
  public func timelineSize(of graph: StepGraph) -> Bytes {
    Bytes(
      8
        * zip(graph.programs, representatives).reduce(0) {
          $0 + $1.0.operations.count * $1.1.count
        })
  }

  /// Whether no two ranks share a class.
  public var isTrivial: Bool { classes == ranks }
}

/// Whom the ranks of each stage meet.
struct StagePartners {
  /// Families with at least one collective.
  let families: [GroupFamily]
  /// By family, the stages that call collectives on it.
  let callers: [[Bool]]
  /// By stage, the stages that it exchanges messages with, in increasing order.
  let peers: [[Int]]

  /// - Complexity: linear in the operations of the programs.
  init(_ graph: StepGraph) {
    let stages = graph.programs.count
    var callers = [[Bool]](
      repeating: [Bool](repeating: false, count: stages), count: GroupFamily.allCases.count)
    var peers: [[Int]] = []
    for (stage, program) in graph.programs.enumerated() {
      var isPeer = [Bool](repeating: false, count: stages)
      for operation in program.operations {
        switch operation.meeting {
        case .none: break
        case .collective(let family): callers[Int(family.rawValue)][stage] = true
        case .send, .receive: isPeer[operation.peer] = true
        }
      }
      peers.append(isPeer.indices.filter { isPeer[$0] })
    }
    self.callers = callers
    self.peers = peers
    families = GroupFamily.allCases.filter { callers[Int($0.rawValue)].contains(true) }
  }
}
