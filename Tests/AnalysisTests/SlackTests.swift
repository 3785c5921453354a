import Analysis
import Cost
import Graph
import Hardware
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("slack")
struct SlackTests {
  @Test("a node can end later by its slack and no more: every node of 100 small random steps")
  func bruteForce() throws {
    for seed in 0..<100 {
      let step = RandomStep(seed: seed, events: 4...14, largestPlan: 6)
      let timeline = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      let slack = Slack(timeline)
      for node in LongestPath(step.graph, costs: step.costs).nodes {
        let spare = slack.of(rank: node.rank, operation: node.operation).picoseconds
        let makespans = [spare, spare + 1].map { delay in
          var delayed = LongestPath(step.graph, costs: step.costs, delayed: node, by: delay)
          return delayed.makespan() - timeline.makespan.picoseconds
        }
        #expect(makespans == [0, 1], "seed \(seed), \(node), slack \(spare)")
      }
    }
  }

  @Test("the critical path has no slack and nothing has less than none, on 500 random steps")
  func criticalPath() throws {
    for seed in 0..<500 {
      let step = RandomStep(seed: seed)
      let timeline = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      expectSound(timeline, "seed \(seed)")
    }
  }

  @Test("the critical path has no slack on lowered models", arguments: LoweredStep.plans)
  func loweredModels(plan: ParallelPlan) throws {
    for schedule in LoweredStep.schedules(for: plan) {
      let graph = try LoweredStep.graph(plan, schedule)
      let costs = try StepCosts(graph: graph, cluster: .named("h100"))
      expectSound(try EventDrivenExecutor(graph, costs: costs).run(), "\(plan)")
    }
  }

  private func expectSound(_ timeline: Timeline, _ name: Comment) {
    let slack = Slack(timeline)
    for segment in CriticalPath(timeline).segments where segment.timeClass != .launch {
      #expect(slack.of(rank: segment.rank, operation: segment.operation) == .zero, name)
    }
    let grid = timeline.graph.grid
    let isNegative = (0..<grid.worldSize).contains { rank in
      timeline.graph.program(of: rank).operations.indices.contains {
        slack.of(rank: rank, operation: $0) < .zero
      }
    }
    #expect(!isNegative, name)
  }

  @Test("an operation that blocks the host has no more slack than what the host launches next")
  func blockedHost() throws {
    var sketch = StepSketch(ParallelPlan())
    let blocker = sketch.kernel(5, stream: .context, blocksHost: true)
    sketch.kernel(100)
    sketch.kernel(1)
    let timeline = try EventDrivenExecutor(
      sketch.graph, costs: sketch.costs(launch: 2, hostSync: 20)
    ).run()
    #expect(Slack(timeline).of(rank: 0, operation: blocker) == .zero)
  }
}
