import ArgumentParser
import Cost
import Hardware

/// Where the ranks of a group lie, and how to answer.
struct GroupOptions: ParsableArguments {
  @Option(help: "Ranks of the group.") var gpus: Int

  @Option(
    help: """
      Ranks of the group in one NVLink domain (a node of 8, a rack of 72); a full domain unless given.
      """)
  var gpusPerNode: Int?

  @Option(help: "A preset (see `stepcast clusters`) or a hardware profile in JSON.")
  var cluster = "dgx-h100"

  @Flag(help: "Print one JSON object (documented in docs/json.md).") var json = false

  func validate() throws {
    try checkCounts(["--gpus": gpus, "--gpus-per-node": gpusPerNode])
    guard (2...1 << 20).contains(gpus) else {
      throw ValidationError("--gpus must be between 2 and \(1 << 20), got \(gpus)")
    }
  }

  /// The placement on a cluster: domains are filled one after the other.
  ///
  /// - Throws: `BadData` for more ranks in a domain than it has.
  func placement(on cluster: Cluster) throws -> GroupPlacement {
    let domain = cluster.node.nvlink.domainSize
    let each = min(gpus, gpusPerNode ?? domain)
    guard each <= domain else {
      throw BadData(
        "--gpus-per-node \(each): an NVLink domain of \(cluster.name) has \(domain) GPUs")
    }
    return GroupPlacement(ranks: gpus, nodes: (gpus + each - 1) / each, ranksPerNode: each)
  }
}

extension GroupPlacement {
  /// For example `16 GPUs in 2 NVLink domains`.
  var label: String {
    "\(ranks) GPUs in \(counted(nodes, "NVLink domain", "NVLink domains"))"
  }
}
