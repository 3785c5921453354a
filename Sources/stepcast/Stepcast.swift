import Analysis
import ArgumentParser
import Cost
import Graph
import Hardware
import Lowering
import Memory
import Model
import Parallelism
import Simulation
import Units

@main
struct Stepcast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stepcast",
    abstract: "Predicts the step time of transformer training and inference on GPU clusters.")

  mutating func run() throws {
    let clock = ContinuousClock()
    var last = clock.now
    func lap(_ name: String) {
      print(name, clock.now - last)
      last = clock.now
    }
    let model = try TransformerModel.resolve("qwen3-30b-a3b")
    let cluster = try Cluster.resolve("dgx-h100")
    let plan = try ParallelPlan(parsing: "EP8-TP4-PP2-DP4")
    let configuration = StepConfiguration(sequenceLength: 4096, microbatches: 16)
    let order = try configuration.schedule.order(ranks: 2, microbatches: 16)
    lap("load")
    let graph = try StepGraph(lowering: model, under: plan, as: configuration, order: order)
    lap("lower")
    try graph.validate()
    lap("validate")
    let costs = try StepCosts(graph: graph, cluster: cluster)
    lap("price")
    let timeline = try EventDrivenExecutor(graph, costs: costs).run()
    lap("simulate")
    print(graph.nodeCount, graph.edgeCount, timeline.makespan)
    let breakdown = StepBreakdown(timeline)
    lap("breakdown")
    for kind in TimeClass.allCases {
      print(kind.label, breakdown.share(of: kind), breakdown.ranks[0][kind], breakdown.ranks[128][kind])
    }
    print(breakdown.sum.total.picoseconds == 256 * timeline.makespan.picoseconds, breakdown.distinctRanks)
    let path = CriticalPath(timeline)
    lap("path")
    print(path.segments.count, path.spans, path.ranks)
    let slack = Slack(timeline)
    lap("slack")
    print(slack.of(rank: path.segments[100].rank, operation: path.segments[100].operation))
    for (index, work) in graph.works.enumerated() {
      print(work, costs.duration(ofWork: index, groupIndex: 0))
    }
    for program in graph.programs { print(StageMemory(of: program, in: graph)) }
  }
}
