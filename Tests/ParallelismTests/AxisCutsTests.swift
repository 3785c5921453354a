import Parallelism
import Testing

@Suite("Axes cut by options of a step") struct AxisCutsTests {
  @Test("shard and replica groups split DPxCP: each pair meets once", arguments: 1...16)
  func shardsTimesReplicas(ranks: Int) {
    for plan in everyPlan(on: ranks) where plan.virtualPipeline == 1 {
      for instances in 1...ranks {
        let cuts = AxisCuts(instances: instances)
        guard cuts.fit(plan) else { continue }
        let grid = RankGrid(plan, cuts: cuts)
        expectProduct(grid, .shard, .replica, .dataContext)
        expectProduct(grid, .expertShard, .expertReplica, .expertData)
        #expect(grid.size(of: .replica) == instances)
        #expect(grid.size(of: .expertReplica) == instances)
      }
    }
  }

  @Test("inner and outer groups split CP", arguments: [1, 2, 3, 4, 6, 8])
  func innerTimesOuter(context: Int) {
    for inner in 1...context where context % inner == 0 {
      let plan = ParallelPlan(tensor: 2, context: context, pipeline: 2, data: 2)
      let grid = RankGrid(plan, cuts: AxisCuts(contextInner: inner))
      expectProduct(grid, .contextInner, .contextOuter, .context)
      #expect(grid.size(of: .contextInner) == inner)
    }
  }

  @Test("shards are neighbours: an inner group has the smaller strides")
  func neighbours() {
    let plan = ParallelPlan(tensor: 2, context: 2, data: 4)
    let grid = RankGrid(plan, cuts: AxisCuts(instances: 2))
    #expect(Array(grid.group(.shard, containing: 1)) == [1, 3, 5, 7])
    #expect(Array(grid.group(.replica, containing: 1)) == [1, 9])
  }

  @Test("cuts that leave no whole shards do not fit")
  func misfits() {
    let plan = ParallelPlan(tensor: 1, context: 2, expert: 2, data: 9)
    #expect(!AxisCuts(instances: 2).fit(plan))
    #expect(!AxisCuts(instances: 6).fit(plan))
    #expect(!AxisCuts(contextInner: 3).fit(plan))
    #expect(AxisCuts(instances: 9, contextInner: 2).fit(plan))
  }

  private func expectProduct(
    _ grid: RankGrid, _ inner: GroupFamily, _ outer: GroupFamily, _ whole: GroupFamily
  ) {
    for rank in 0..<grid.worldSize {
      let members = grid.group(inner, containing: rank).flatMap {
        Array(grid.group(outer, containing: $0))
      }
      #expect(members.sorted() == grid.group(whole, containing: rank).sorted())
    }
  }
}
