public import Hardware
public import Parallelism

extension StepVariation {
  /// Refuses parts of a machine that a plan or cluster does not have.
  ///
  /// - Throws: `VariationError` for the first.
  public func check(_ plan: ParallelPlan, on cluster: Cluster) throws(VariationError) {
    let ranks = plan.worldSize
    let nodes = (ranks + cluster.node.devices - 1) / cluster.node.devices
    for part in slow {
      switch part.place {
      case .rank(let rank) where rank >= ranks: throw .missingRank(rank, ranks: ranks)
      case .node(let node) where node >= nodes: throw .missingNode(node, nodes: nodes)
      case .rank, .node: break
      }
    }
    for part in degraded where part.rail >= cluster.fabric.rails {
      throw .missingRail(part.rail, rails: cluster.fabric.rails)
    }
  }

  /// By rank, the known factor on its kernels.
  func slowness(ranks: Int, devicesPerNode: Int) -> [Double] {
    var factors = [Double](repeating: 1, count: ranks)
    for part in slow {
      switch part.place {
      case .rank(let rank): factors[rank] *= part.factor
      case .node(let node):
        for rank in (node * devicesPerNode)..<min(ranks, (node + 1) * devicesPerNode) {
          factors[rank] *= part.factor
        }
      }
    }
    return factors
  }

  /// How kernels vary; nil where none does.
  func kernels(ranks: Int, devicesPerNode: Int) -> KernelVariation? {
    guard jitter != nil || !slow.isEmpty else { return nil }
    return KernelVariation(
      slowness: slowness(ranks: ranks, devicesPerNode: devicesPerNode), jitter: jitter)
  }
}
