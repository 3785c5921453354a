import Analysis
import Cost
import Graph
import Hardware
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("critical path")
struct CriticalPathTests {
  private func expectContiguous(_ path: CriticalPath, to makespan: Ticks, _ name: Comment) {
    var cursor = Instant.zero
    for segment in path.segments {
      #expect(segment.start == cursor && segment.finish > segment.start, name)
      cursor = segment.finish
    }
    #expect(cursor.elapsed == makespan, name)
    #expect(path.spans.values.reduce(.zero, +) == makespan, name)
  }

  @Test(
    "segments follow each other from the start to the end of 1,000 random steps, each for a reason")
  func randomSteps() throws {
    for seed in 0..<1000 {
      let step = RandomStep(seed: seed)
      let timeline = try EventDrivenExecutor(step.graph, costs: step.costs).run()
      let path = CriticalPath(timeline)
      expectContiguous(path, to: timeline.makespan, "seed \(seed)")
      let reasons = Reasons(step, timeline)
      for (segment, next) in zip(path.segments, path.segments.dropFirst()) {
        let isJustified = reasons.justify(next, after: segment)
        #expect(isJustified, "seed \(seed): \(segment), \(next)")
      }
      if let first = path.segments.first {
        let isJustified = reasons.justifyStart(first)
        #expect(isJustified, "seed \(seed): \(first)")
      }
    }
  }

  @Test("segments follow each other on lowered models", arguments: LoweredStep.plans)
  func loweredModels(plan: ParallelPlan) throws {
    for schedule in LoweredStep.schedules(for: plan) {
      let graph = try LoweredStep.graph(plan, schedule)
      let timeline = try EventDrivenExecutor(
        graph, costs: StepCosts(graph: graph, cluster: .named("h100"))
      ).run()
      expectContiguous(CriticalPath(timeline), to: timeline.makespan, "\(plan)")
    }
  }

  @Test("the path crosses ranks at a collective towards the member that arrived last")
  func crossesRanks() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2, data: 2))
    let gathered = sketch.collective([5, 9], over: .tensor)
    let reduced = sketch.collective([2], over: .data, after: [gathered])
    sketch.kernel(1, after: reduced)
    let path = CriticalPath(
      try EventDrivenExecutor(sketch.graph, costs: sketch.costs()).run())
    #expect(path.segments.map(\.rank) == [2, 0, 0])
    #expect(path.segments.map(\.timeClass) == [.exposedTensor, .exposedData, .compute])
    #expect(path.segments.map(\.duration) == [Ticks(9), Ticks(2), Ticks(1)])
    #expect(path.ranks == [2, 0])
  }

  @Test("a step of nothing has an empty path")
  func empty() throws {
    let sketch = StepSketch(ParallelPlan(pipeline: 2))
    let timeline = try EventDrivenExecutor(sketch.graph, costs: sketch.costs()).run()
    #expect(CriticalPath(timeline).segments.isEmpty)
  }
}

/// Why one segment of a path may follow another, read off the explicit graph.
private struct Reasons {
  typealias Node = LongestPath.Node
  private let oracle: LongestPath
  private let timeline: Timeline

  init(_ step: RandomStep, _ timeline: Timeline) {
    oracle = LongestPath(step.graph, costs: step.costs)
    self.timeline = timeline
  }

  func justify(_ next: CriticalPath.Segment, after segment: CriticalPath.Segment) -> Bool {
    let from = Node(rank: segment.rank, operation: segment.operation)
    let to = Node(rank: next.rank, operation: next.operation)
    if next.timeClass == .launch, segment.timeClass == .launch, from == to { return true }
    let ending = endingChain(before: to, isLaunched: next.timeClass == .launch, at: next.start)
    return segment.timeClass == .launch
      ? ending.launched.contains(from) : ending.ended.contains(from)
  }

  func justifyStart(_ first: CriticalPath.Segment) -> Bool {
    let node = Node(rank: first.rank, operation: first.operation)
    guard first.timeClass == .launch, let blocker = oracle.blocker(of: node) else { return true }
    return timeline.finish(rank: blocker.rank, operation: blocker.operation) == .zero
  }

  /// What a node waited for until a moment, through nodes that took no time at that moment.
  private func endingChain(before node: Node, isLaunched: Bool, at time: Instant)
    -> (ended: Set<Node>, launched: Set<Node>)
  {
    var ended: Set<Node> = []
    var launched: Set<Node> = []
    var open: [Node] = []
    func wait(for predecessors: [Node]) {
      for predecessor in predecessors
      where timeline.finish(rank: predecessor.rank, operation: predecessor.operation) == time {
        if ended.insert(predecessor).inserted { open.append(predecessor) }
      }
    }
    if isLaunched {
      wait(for: oracle.blocker(of: node).map { [$0] } ?? [])
    } else {
      open.append(node)
    }
    while let next = open.popLast() {
      let members = oracle.members(of: next)
      ended.formUnion(members.filter { $0 != node })
      launched.formUnion(members)
      wait(for: oracle.predecessors(of: next))
      // A host that launches and notices in no time passes its blocker's end on.
      wait(for: members.compactMap { oracle.blocker(of: $0) })
    }
    return (ended, launched)
  }
}
