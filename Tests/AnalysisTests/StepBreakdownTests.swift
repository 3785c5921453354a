import Analysis
import Cost
import Graph
import Hardware
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("step breakdown")
struct StepBreakdownTests {
  private func breakdown(
    _ sketch: StepSketch, launch: Int64 = 0, hostSync: Int64 = 0
  ) throws -> StepBreakdown {
    StepBreakdown(
      try EventDrivenExecutor(
        sketch.graph, costs: sketch.costs(launch: launch, hostSync: hostSync)
      ).run())
  }

  /// The classes that are not empty, in picoseconds.
  private func spans(_ breakdown: RankBreakdown) -> [TimeClass: Int64] {
    TimeClass.allCases.reduce(into: [:]) {
      if breakdown[$1] > .zero { $0[$1] = breakdown[$1].picoseconds }
    }
  }

  @Test("classes sum to ranks × step on 1,000 random steps, rank by rank")
  func exactSums() throws {
    for seed in 0..<1000 {
      let step = RandomStep(seed: seed)
      let timeline = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      let breakdown = StepBreakdown(timeline)
      #expect(breakdown.ranks.allSatisfy { $0.total == timeline.makespan }, "seed \(seed)")
      #expect(breakdown.sum.total == step.graph.grid.worldSize * timeline.makespan)
      #expect(breakdown.stages.reduce(Ticks.zero) { $0 + $1.total } == breakdown.sum.total)
    }
  }

  @Test("a rank's breakdown is the one worked out for it alone")
  func twins() throws {
    for seed in 0..<1000 {
      let step = RandomStep(seed: seed)
      let timeline = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      let breakdown = StepBreakdown(timeline)
      for (rank, found) in breakdown.ranks.enumerated() {
        let alone = RankBreakdown(
          RankTrace(timeline, rank: rank), makespan: timeline.makespan)
        #expect(found == alone, "seed \(seed), rank \(rank)")
      }
    }
  }

  @Test(
    "classes sum to ranks × step on lowered models under many plans and schedules",
    arguments: LoweredStep.plans)
  func loweredModels(plan: ParallelPlan) throws {
    for schedule in LoweredStep.schedules(for: plan) {
      let graph = try LoweredStep.graph(plan, schedule)
      let priced = try StepCosts(graph: graph, cluster: .named("h100"))
      let withoutHost = StepCosts(
        durations: priced.durations, offset: priced.offset, isPerGroup: priced.isPerGroup,
        domainSize: priced.domainSize)
      for costs in [priced, withoutHost] {
        let timeline = try EventDrivenExecutor(graph, costs: costs).run()
        let breakdown = StepBreakdown(timeline)
        #expect(breakdown.sum.total == plan.worldSize * timeline.makespan)
        let busy = graph.programs.map { program in
          program.operations.filter { $0.stream == .compute }.reduce(Ticks.zero) {
            $0 + costs.duration(ofWork: $1.work, groupIndex: 0)
          }
        }
        for (stage, sum) in breakdown.stages.enumerated() {
          #expect(sum[.compute] == plan.stageSize * busy[stage])
        }
        if costs.launch == .zero { #expect(breakdown.sum[.launch] == .zero) }
      }
    }
  }

  @Test("without latency a pipeline idles (p − 1)(F + B) on every rank", arguments: 1...5, 1...6)
  func bubble(ranks: Int, microbatches: Int) throws {
    for schedule in [PipelineSchedule.gpipe, .oneForwardOneBackward] {
      let order = try schedule.order(ranks: ranks, microbatches: microbatches)
      let breakdown = try breakdown(StepSketch(order, forward: 10, backward: 21))
      for rank in breakdown.ranks {
        #expect(rank[.compute] == Ticks(Int64(31 * microbatches)))
        #expect(rank[.bubble] + rank[.idleTail] == Ticks(Int64(31 * (ranks - 1))))
      }
      #expect(breakdown.ranks[0][.idleTail] == .zero)
    }
  }

  @Test("a message on the wire is pipeline communication, the wait before it a bubble")
  func message() throws {
    var sketch = StepSketch(ParallelPlan(pipeline: 2))
    let sent = sketch.kernel(30, on: 0)
    let message = sketch.message([4], from: 0, to: 1, sendAfter: [sent])
    sketch.kernel(6, on: 1, after: [message.receive])
    let ranks = try breakdown(sketch).ranks
    #expect(spans(ranks[1]) == [.bubble: 30, .exposedPipeline: 4, .compute: 6])
    #expect(spans(ranks[0]) == [.compute: 30, .exposedPipeline: 4, .idleTail: 6])
  }

  @Test("communication is exposed as far as no kernel hides it")
  func exposed() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2))
    let first = sketch.kernel(10)
    let reduced = sketch.collective([7], over: .tensor, after: [[first]])
    sketch.kernel(3)
    sketch.kernel(5, after: reduced)
    #expect(spans(try breakdown(sketch).ranks[0]) == [.compute: 18, .exposedTensor: 4])
  }

  @Test("a chain of collectives is charged to each one's axis")
  func chain() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, expert: 2, data: 2))
    let gathered = sketch.collective([7], over: .tensor)
    let dispatched = sketch.collective([11], over: .expert, after: [gathered])
    let reduced = sketch.collective([2], over: .world, after: [dispatched])
    sketch.kernel(5, after: reduced)
    #expect(
      spans(try breakdown(sketch).ranks[0])
        == [.exposedTensor: 7, .exposedExpert: 11, .exposedGlobal: 2, .compute: 5])
  }

  @Test("waiting in a group for members with slower links is a straggler's fault")
  func straggler() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, data: 2))
    let gathered = sketch.collective([5, 9], over: .tensor)
    let reduced = sketch.collective([2], over: .data, after: [gathered])
    sketch.kernel(1, after: reduced)
    let ranks = try breakdown(sketch).ranks
    let fast: [TimeClass: Int64] = [
      .exposedTensor: 5, .straggler: 4, .exposedData: 2, .compute: 1,
    ]
    let slow: [TimeClass: Int64] = [.exposedTensor: 9, .exposedData: 2, .compute: 1]
    #expect(ranks.map(spans) == [fast, fast, slow, slow])
  }

  @Test("without pipeline stages nothing is a bubble, not even in a group of all ranks")
  func worldWithoutPipeline() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, data: 2))
    let gathered = sketch.collective([5, 9], over: .tensor)
    sketch.collective([2], over: .world, after: [gathered])
    let breakdown = try breakdown(sketch)
    #expect(breakdown.sum[.bubble] == .zero)
    #expect(breakdown.ranks[0][.straggler] == Ticks(4))
  }

  @Test("kernels shorter than their launches wait for the host")
  func launchBound() throws {
    var sketch = StepSketch(ParallelPlan())
    for _ in 0..<5 { sketch.kernel(1) }
    #expect(
      spans(try breakdown(sketch, launch: 10).ranks[0]) == [.compute: 5, .launch: 46])
  }

  @Test("a blocked host costs its notice and the next launch")
  func hostSync() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2))
    sketch.kernel(100)
    sketch.collective([30], over: .tensor, after: [[0]], blocksHost: true)
    sketch.kernel(5)
    #expect(
      spans(try breakdown(sketch, launch: 2, hostSync: 20).ranks[0])
        == [.launch: 2 + 20 + 2, .compute: 105, .exposedTensor: 30])
  }

  @Test("a stage that ends early has an idle tail")
  func idleTail() throws {
    var sketch = StepSketch(ParallelPlan(pipeline: 2))
    sketch.kernel(3, on: 0)
    sketch.kernel(8, on: 1)
    let breakdown = try breakdown(sketch)
    #expect(spans(breakdown.ranks[0]) == [.compute: 3, .idleTail: 5])
    #expect(breakdown.share(of: .idleTail) == 5.0 / 16)
  }

  @Test("ranks that repeat one another are worked out once")
  func distinctRanks() throws {
    let plan = ParallelPlan(tensor: 2, pipeline: 2, data: 4)
    let graph = try LoweredStep.graph(plan, .oneForwardOneBackward)
    let timeline = try EventDrivenExecutor(
      graph, costs: StepCosts(graph: graph, cluster: .named("h100"))
    ).run()
    #expect(StepBreakdown(timeline).distinctRanks < plan.worldSize)
  }
}
