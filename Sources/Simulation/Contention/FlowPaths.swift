import Cost
import Graph
import Parallelism

/// The links that the groups and messages of a step use, numbered for a flow network.
struct FlowPaths {
  private(set) var capacities: [Double] = []
  private(set) var paths: [[FlowNetwork.Use]] = []
  /// The ranks whose devices serve a path.
  private(set) var members: [[Int32]] = []
  /// The path of the first message; `rank · stages + stage` behind it is that to a rank's peer.
  let firstMessage: Int
  private let graph: StepGraph
  private let links: MachineLinks
  private let firstNIC: Int
  /// Links from here on join leaf switches.
  let firstUplink: Int

  /// - Complexity: O(ranks · group families) time and memory.
  init(_ graph: StepGraph, links: MachineLinks, groups: GroupNumbering) {
    self.graph = graph
    self.links = links
    let ranks = graph.grid.worldSize
    let domains = (ranks + links.domainSize - 1) / links.domainSize
    let leaves = links.domainsPerLeaf.map { (domains + $0 - 1) / $0 } ?? 0
    // Two directions of each: out, then in.
    firstNIC = 2 * ranks
    firstUplink = firstNIC + 2 * domains * links.nics
    capacities += Array(repeating: links.port, count: firstNIC)
    capacities += Array(repeating: links.nic, count: firstUplink - firstNIC)
    capacities += Array(repeating: links.uplink, count: 2 * leaves * links.rails)
    firstMessage = 2 * groups.sizes.count
    paths = Array(repeating: [], count: firstMessage + ranks * graph.programs.count)
    members = Array(repeating: [], count: paths.count)
    addGroups(groups)
    addMessages()
  }

  /// The path of a group's collective.
  static func path(ofGroup group: Int, isAllToAll: Bool) -> Int { 2 * group + (isAllToAll ? 1 : 0) }

  private mutating func addGroups(_ groups: GroupNumbering) {
    let partners = StagePartners(graph)
    for family in partners.families {
      let base = Int(groups.first[Int(family.rawValue)])
      for group in graph.grid.groups(family) {
        let number = base + graph.grid.groupIndex(of: family, containing: group.base)
        for isAllToAll in [false, true] {
          let path = Self.path(ofGroup: number, isAllToAll: isAllToAll)
          paths[path] = isAllToAll ? allToAll(Array(group)) : ring(Array(group))
          members[path] = group.map { Int32($0) }
        }
      }
    }
  }

  private mutating func addMessages() {
    let stages = graph.programs.count
    for rank in 0..<graph.grid.worldSize {
      for stage in 0..<stages where stage != graph.grid.pipelineRank(of: rank) {
        let receiver = graph.grid.rank(rank, movedToStage: stage)
        let path = firstMessage + rank * stages + stage
        var load = LinkLoad()
        addMessage(from: rank, to: receiver, to: &load)
        paths[path] = load.uses
        members[path] = [Int32(rank), Int32(receiver)]
      }
    }
  }

  /// What a ring puts on each link for each byte that one member sends: all channels together pass
  /// every byte from domain to domain once, by all members' NICs.
  private func ring(_ ranks: [Int]) -> [FlowNetwork.Use] {
    var load = LinkLoad()
    guard ranks.count > 1 else { return [] }
    let inDomain = Dictionary(grouping: ranks) { $0 / links.domainSize }
    for rank in ranks {
      let neighbours = Double(inDomain[rank / links.domainSize]?.count ?? 1)
      addPort(rank, share: inDomain.count == 1 ? 1 : (neighbours - 1) / neighbours, to: &load)
      if inDomain.count > 1 { addNIC(rank, share: 1 / neighbours, to: &load) }
    }
    addRingUplinks(ranks, to: &load)
    return load.uses
  }

  /// What an all-to-all puts on each link for each byte that one member sends.
  private func allToAll(_ ranks: [Int]) -> [FlowNetwork.Use] {
    var load = LinkLoad()
    guard ranks.count > 1 else { return [] }
    let share = 1 / Double(ranks.count - 1)
    let size = Dictionary(ranks.map { ($0 / links.domainSize, 1) }, uniquingKeysWith: +)
    for rank in ranks {
      let local = (size[rank / links.domainSize] ?? 1) - 1
      addPort(rank, share: Double(local) * share, to: &load)
      addNIC(rank, share: Double(ranks.count - 1 - local) * share, to: &load)
    }
    addAllToAllUplinks(ranks, share: share, to: &load)
    return load.uses
  }

  private func addMessage(from sender: Int, to receiver: Int, to load: inout LinkLoad) {
    if sender / links.domainSize == receiver / links.domainSize {
      load.add(1, to: 2 * sender)
      load.add(1, to: 2 * receiver + 1)
      return
    }
    load.add(1, to: nic(of: sender))
    load.add(1, to: nic(of: receiver) + 1)
    guard let from = leaf(of: sender), let to = leaf(of: receiver), from != to else { return }
    load.add(1, to: uplink(ofLeaf: from, rail: rail(of: sender)))
    load.add(1, to: uplink(ofLeaf: to, rail: rail(of: receiver)) + 1)
  }

  private func addPort(_ rank: Int, share: Double, to load: inout LinkLoad) {
    for direction in 0...1 { load.add(share, to: 2 * rank + direction) }
  }

  private func addNIC(_ rank: Int, share: Double, to load: inout LinkLoad) {
    for direction in 0...1 { load.add(share, to: nic(of: rank) + direction) }
  }

  /// A ring enters and leaves each leaf once, spread over the rails of its members there.
  private func addRingUplinks(_ ranks: [Int], to load: inout LinkLoad) {
    let inLeaf = Dictionary(grouping: ranks) { leaf(of: $0) ?? -1 }
    guard inLeaf.count > 1 else { return }
    for leaf in inLeaf.keys.sorted() {
      let rails = (inLeaf[leaf] ?? []).map(rail)
      for rail in rails {
        for direction in 0...1 {
          load.add(1 / Double(rails.count), to: uplink(ofLeaf: leaf, rail: rail) + direction)
        }
      }
    }
  }

  private func addAllToAllUplinks(_ ranks: [Int], share: Double, to load: inout LinkLoad) {
    let size = Dictionary(ranks.map { (leaf(of: $0) ?? -1, 1) }, uniquingKeysWith: +)
    guard size.count > 1 else { return }
    for rank in ranks {
      guard let leaf = leaf(of: rank) else { continue }
      let remote = Double(ranks.count - (size[leaf] ?? 0))
      for direction in 0...1 {
        load.add(remote * share, to: uplink(ofLeaf: leaf, rail: rail(of: rank)) + direction)
      }
    }
  }

  private func nicIndex(of rank: Int) -> Int {
    rank % links.domainSize * links.nics / links.domainSize
  }

  private func nic(of rank: Int) -> Int {
    firstNIC + 2 * (rank / links.domainSize * links.nics + nicIndex(of: rank))
  }

  private func rail(of rank: Int) -> Int { nicIndex(of: rank) % links.rails }

  private func leaf(of rank: Int) -> Int? {
    links.domainsPerLeaf.map { rank / links.domainSize / $0 }
  }

  private func uplink(ofLeaf leaf: Int, rail: Int) -> Int {
    firstUplink + 2 * (leaf * links.rails + rail)
  }
}

/// Shares of links, added up.
private struct LinkLoad {
  private var shares: [Int: Double] = [:]

  mutating func add(_ share: Double, to link: Int) {
    guard share > 0 else { return }
    shares[link, default: 0] += share
  }

  /// In order of the links.
  var uses: [FlowNetwork.Use] {
    shares.keys.sorted().map { FlowNetwork.Use(link: $0, share: shares[$0] ?? 0) }
  }
}
