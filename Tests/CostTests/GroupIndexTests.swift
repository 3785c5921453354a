import Cost
import Parallelism
import Testing

@Suite("Group index")
struct GroupIndexTests {
  @Test("is the position among the family's groups by lowest rank", arguments: RankOrder.allCases)
  func exhaustive(order: RankOrder) {
    for tensor in [1, 2, 4] {
      for context in [1, 2] {
        for pipeline in [1, 2, 3] {
          for data in [1, 2, 6] {
            for expert in [1, 2, 4] where (context * data) % expert == 0 {
              // With data parallelism slowest, both grids share their stages only if both count
              // equally many ranks below a stage.
              guard order == .pipelineLast || pipeline == 1 || expert == context else { continue }
              let plan = ParallelPlan(
                tensor: tensor, context: context, pipeline: pipeline, expert: expert, data: data,
                rankOrder: order)
              expectPositions(RankGrid(plan))
            }
          }
        }
      }
    }
  }

  private func expectPositions(_ grid: RankGrid) {
    for family in GroupFamily.allCases {
      for (position, group) in grid.groups(family).enumerated() {
        for rank in group {
          #expect(
            grid.groupIndex(family, of: rank) == position, "\(grid.plan) \(family) rank \(rank)")
        }
      }
    }
  }
}
