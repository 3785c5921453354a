import Analysis
import Cost
import Estimation
import Graph
import Hardware
import Memory
import Model
import Parallelism
import Rendering
import Simulation
import Units

/// What people read about one estimate.
struct EstimateReport {
  let estimate: Estimate
  /// What makes the step fit, where it does not.
  var remedies: MemoryRemedies?
  /// What differing ranks add, where they differ.
  var unequalRanks: UnequalRanks?
  /// Pictures that lie beside the report, by title.
  var pictures: [(title: String, file: String)] = []

  var document: Document {
    var document = Document()
    document.append(.heading(estimate.title, level: 1))
    document.append(.paragraph(estimate.planSummary))
    document.append(.table(results))
    if let serving = estimate.serving {
      document.append(.heading("Serving", level: 2))
      document.append(.table(ServingTable(serving, of: scenario).table))
    }
    document.append(.heading("Where the time goes", level: 2))
    document.append(
      .paragraph("Share of all \(grouped(ranks)) ranks' time; the classes sum to it exactly."))
    document.append(.table(breakdown))
    if let unequalRanks {
      UnequalRanksReport(unequal: unequalRanks, estimate: estimate).append(to: &document)
    }
    document.append(.heading("Stages", level: 2))
    document.append(.table(stages))
    document.append(.paragraph(memoryRemark))
    if let remedyTable { document.append(.table(remedyTable)) }
    document.append(.heading("Critical path", level: 2))
    document.append(.paragraph(pathSummary))
    document.append(.table(path))
    for picture in pictures { document.append(.picture(title: picture.title, file: picture.file)) }
    document.append(.heading("How to read this", level: 2))
    document.append(.list(assumptions))
    return document
  }

  private var scenario: Scenario { estimate.scenario }
  private var ranks: Int { scenario.plan.worldSize }

  private var results: TextTable {
    var table = TextTable([.init("result"), .init("value", .right), .init("of what")])
    for row in estimate.speedRows { table.append(row) }
    table.append([
      "bubble", percent(estimate.breakdown.share(of: .bubble)), "of ranks × step",
    ])
    table.append([
      "exposed communication",
      percent(
        Double(estimate.breakdown.sum.exposedCommunication.picoseconds)
          / Double(max(1, estimate.breakdown.sum.total.picoseconds))),
      "of ranks × step; \(percent(estimate.overlap.hiddenShare)) of communication is hidden behind kernels",
    ])
    table.append([
      "memory", estimate.peakMemory.description,
      "of \(estimate.memoryCapacity) usable, on the fullest rank",
    ])
    table.append(estimate.graphRow)
    return table
  }

  private var breakdown: TextTable {
    let sum = estimate.breakdown.sum
    let stages = scenario.plan.pipeline
    let shown = stages <= 4 ? Array(0..<stages) : [0, 1, stages - 1]
    var table = TextTable(
      [.init("class"), .init("share", .right), .init("per rank", .right)]
        + shown.map { .init("stage \($0)", .right) })
    for timeClass in TimeClass.allCases where sum[timeClass] > .zero {
      table.append(
        [
          timeClass.title, percent(estimate.breakdown.share(of: timeClass)),
          perRank(sum[timeClass], ranks),
        ] + shown.map { perRank(estimate.breakdown.stages[$0][timeClass], scenario.plan.stageSize) }
      )
    }
    return table
  }

  private var stages: TextTable {
    let columns = memoryColumns.filter { column in
      estimate.memory.contains { column.bytes($0) > .zero }
    }
    var table = TextTable(
      [.init("stage", .right), .init("layers", .right), .init("bubble", .right)]
        + columns.map { .init($0.name, .right) } + [.init("peak", .right)])
    for memory in estimate.memory {
      let breakdown = estimate.breakdown.stages[memory.pipelineRank]
      let share =
        Double(breakdown[.bubble].picoseconds) / Double(max(1, breakdown.total.picoseconds))
      table.append(
        [
          String(memory.pipelineRank), String(layers(of: memory.pipelineRank)), percent(share),
        ] + columns.map { $0.bytes(memory).description } + [memory.peak.description])
    }
    return table
  }

  /// What the memory of a stage consists of, as columns that add up to its peak.
  private var memoryColumns: [(name: String, bytes: (StageMemory) -> Bytes)] {
    [
      ("parameters", \.parameters), ("gradients", \.gradients), ("optimizer", \.optimizer),
      ("activations", \.activations), ("KV cache", \.keyValueCache),
      ("communication", \.communication), ("workspace", \.workspace), ("runtime", \.reserve),
      ("fragmentation", \.fragmentation),
    ]
  }

  private func layers(of stage: Int) -> Int {
    let layers = Set(estimate.graph.programs[stage].operations.compactMap(\.layer))
    return layers.count { $0 < scenario.model.layers.count }
  }

  private var memoryRemark: String {
    if let remedies { return remedies.summary }
    guard let fullest = estimate.memory.max(by: { $0.peak < $1.peak }) else { return "" }
    let owners = fullest.breakdown.owners.prefix(4).map { "\($0.label) \(fullest.breakdown[$0])" }
    let verdict =
      estimate.fitsMemory
      ? "Every rank fits: \(estimate.peakMemory) of \(estimate.memoryCapacity)"
      : "Out of memory: \(estimate.peakMemory), and \(estimate.memoryCapacity) are usable"
    return
      "\(verdict) at the peak, \(Ticks(fullest.time).seconds) into the step on stage \(fullest.pipelineRank): \(owners.joined(separator: ", "))."
  }

  private var remedyTable: TextTable? {
    guard let remedies, !remedies.remedies.isEmpty else { return nil }
    var table = TextTable(
      MemoryRemedies.headings.enumerated().map { .init($1, $0 == 0 ? .left : .right) })
    for row in remedies.rows { table.append(row) }
    return table
  }

  private var pathSummary: String {
    let path = estimate.criticalPath
    return
      "\(grouped(path.segments.count)) operations in a row, over \(path.ranks.count) ranks, make the step as long as it is."
  }

  private var path: TextTable {
    var table = TextTable([
      .init("on the path"), .init("operations", .right), .init("time", .right),
      .init("share", .right),
    ])
    let segments = estimate.criticalPath.segments
    for (timeClass, span) in estimate.criticalPath.spans.sorted(by: {
      ($0.value, $1.key.rawValue) > ($1.value, $0.key.rawValue)
    }) {
      table.append([
        timeClass.title, grouped(segments.count { $0.timeClass == timeClass }),
        span.description,
        percent(span.seconds / estimate.step),
      ])
    }
    return table
  }

  private var assumptions: [String] {
    [
      "\(routing); ranks fill NVLink domains in order; every GPU has its own NIC rail.",
      scenario.launchRemark,
      estimate.contentionRemark,
      "Peaks contain an allowance of 5 % of what comes and goes for fragmentation: an estimate.",
    ] + reserve + unequal
  }

  private var routing: String {
    estimate.variation.expertLoad == nil
      ? "Routing is balanced" : "The same experts are asked most in every layer and microbatch"
  }

  private var unequal: [String] {
    let variation = estimate.variation
    return [
      variation.jitter == nil
        ? nil : "Jitter scatters kernels, not collectives; its factors are log-normal with mean 1.",
      variation.degraded.isEmpty
        ? nil
        : "A collective between nodes is as slow as the slowest NIC of its members; NCCL's detours are not modelled.",
    ].compactMap { $0 }
  }

  private var reserve: [String] {
    guard let reserve = estimate.memory.first?.reserve, reserve > .zero else { return [] }
    return [
      "The peak contains \(reserve) of every GPU that the serving stack keeps for itself (runtime and captured graphs): an estimate."
    ]
  }

  private func perRank(_ ticks: Ticks, _ ranks: Int) -> String {
    ticks == .zero ? "–" : (ticks.seconds / Double(ranks)).description
  }
}

/// A count with its noun: `1 microbatch`, `16 microbatches`.
func counted(_ count: Int, _ one: String, _ many: String) -> String {
  "\(grouped(count)) \(count == 1 ? one : many)"
}

/// A share as text, for example `6.5 %`.
func percent(_ share: Double) -> String { "\(fixed(100 * share, 1)) %" }

extension Scenario {
  /// The pipeline order in words; one rank has none.
  var scheduleLabel: String {
    if plan.pipeline == 1 { return "no pipeline" }
    guard configuration.phase == .train else { return PipelineSchedule.forwardOnly.label }
    let interleaves = plan.virtualPipeline > 1 && configuration.schedule == .oneForwardOneBackward
    return interleaves
      ? "interleaved 1F1B, \(plan.virtualPipeline) chunks per rank" : configuration.schedule.label
  }

  /// The pipeline order, and the options that are not the defaults.
  var stepLabel: String {
    let options = configuration.phase == .train ? configuration.optionLabels : []
    return ([scheduleLabel] + options).joined(separator: ", ")
  }
}

extension Estimate {
  /// How much of the first rank's communication is hidden.
  var overlap: Overlap {
    Overlap(RankTrace(timeline, rank: 0), breakdown: breakdown.ranks[0])
  }
}
