public import Parallelism

/// How the ranks of one group lie on the machine: all that a collective's cost depends on.
///
/// Rank `r` sits in NVLink domain `r / domainSize`: a node of 8 GPUs, or a rack of 72.
public struct GroupPlacement: Hashable, Sendable {
  /// Members of the group.
  public let ranks: Int
  /// NVLink domains that hold at least one member.
  public let nodes: Int
  /// The most members that any one domain holds.
  public let ranksPerNode: Int

  /// - Precondition: the counts are at least 1 and `ranks` fit into the nodes.
  public init(ranks: Int, nodes: Int, ranksPerNode: Int) {
    precondition(
      nodes >= 1 && ranksPerNode >= 1 && ranks >= nodes && ranks <= nodes * ranksPerNode,
      "\(ranks) ranks do not lie on \(nodes) nodes with at most \(ranksPerNode) on one")
    self.ranks = ranks
    self.nodes = nodes
    self.ranksPerNode = ranksPerNode
  }

  /// The placement of a group when consecutive ranks fill one NVLink domain after the other.
  ///
  /// - Parameters:
  ///   - group: the members; at least one.
  ///   - domainSize: GPUs of one NVLink domain, at least 1.
  /// - Complexity: O(n log n) in the members.
  public init(group: RankGroup, domainSize: Int) {
    precondition(domainSize >= 1, "an NVLink domain holds at least one GPU, got \(domainSize)")
    let domains = group.map { $0 / domainSize }.sorted()
    var nodes = 0
    var most = 0
    var run = 0
    for (position, domain) in domains.enumerated() {
      let continues = position > 0 && domains[position - 1] == domain
      run = continues ? run + 1 : 1
      nodes += continues ? 0 : 1
      most = max(most, run)
    }
    self.init(ranks: domains.count, nodes: nodes, ranksPerNode: most)
  }

  /// Whether all members share one NVLink domain.
  public var isInsideNode: Bool { nodes == 1 }
}
