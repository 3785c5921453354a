import Parallelism

/// Megatron's groups the slow way: every rank's coordinates are counted out along the order string,
/// and ranks that agree on all other coordinates meet.
struct ReferenceGrid {
  private let plan: ParallelPlan
  private let dense: [[String: Int]]
  private let expert: [[String: Int]]

  init(_ plan: ParallelPlan) {
    self.plan = plan
    dense = Self.coordinates(
      plan, ["tp": plan.tensor, "cp": plan.context, "dp": plan.data, "pp": plan.pipeline])
    expert = Self.coordinates(
      plan,
      [
        "tp": plan.expertTensor, "ep": plan.expert, "dp": plan.expertData, "pp": plan.pipeline,
      ])
  }

  private static func coordinates(_ plan: ParallelPlan, _ sizes: [String: Int]) -> [[String: Int]] {
    let axes = plan.rankOrder.rawValue.split(separator: "-").map(String.init)
    return (0..<plan.worldSize).map { rank in
      var rest = rank
      var coordinates: [String: Int] = [:]
      for axis in axes {
        let size = sizes[axis] ?? 1
        coordinates[axis] = rest % size
        rest /= size
      }
      return coordinates
    }
  }

  /// The groups of a family, ordered by lowest rank, members in ascending order.
  func groups(_ family: GroupFamily) -> [[Int]] {
    let isExpert =
      [
        .expert, .expertTensor, .expertTensorExpert, .expertData, .expertTensorExpertPipeline,
        .expertShard, .mirrorExpertData, .mirrorExpertReplica,
      ]
      .contains(family)
    let coordinates = isExpert ? expert : dense
    let fixed = ["tp", "cp", "ep", "dp", "pp"].filter { !varying(family).contains($0) }
    var keys: [[Int]] = []
    var groups: [[Int]] = []
    for rank in 0..<plan.worldSize {
      let stage = coordinates[rank]["pp"] ?? 0
      if family == .embedding, stage != 0, stage != plan.pipeline - 1 { continue }
      var key = fixed.map { coordinates[rank][$0] ?? 0 }
      if family.isMirrored, plan.pipeline % 2 == 0 {
        key[key.count - 1] = min(stage, plan.pipeline - 1 - stage)
      }
      if let index = keys.firstIndex(of: key) {
        groups[index].append(rank)
      } else {
        keys.append(key)
        groups.append([rank])
      }
    }
    return groups
  }

  private func varying(_ family: GroupFamily) -> [String] {
    switch family {
    case .tensor, .expertTensor: ["tp"]
    case .context, .contextOuter: ["cp"]
    case .tensorContext: ["tp", "cp"]
    case .data, .expertData, .expertShard, .mirrorExpertData: ["dp"]
    case .dataContext, .shard, .mirrorDataContext: ["dp", "cp"]
    case .replica, .expertReplica, .contextInner, .mirrorReplica, .mirrorExpertReplica: []
    case .pipeline, .embedding: ["pp"]
    case .tensorPipeline: ["tp", "pp"]
    case .stage: ["tp", "cp", "dp"]
    case .expert: ["ep"]
    case .expertTensorExpert: ["tp", "ep"]
    case .expertTensorExpertPipeline: ["tp", "ep", "pp"]
    case .world: ["tp", "cp", "dp", "pp"]
    }
  }
}
