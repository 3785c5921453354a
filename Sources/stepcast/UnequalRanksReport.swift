import Analysis
import Cost
import Estimation
import Parallelism
import Rendering
import Units

/// What people read about ranks that differ.
struct UnequalRanksReport {
  let unequal: UnequalRanks
  let estimate: Estimate

  func append(to document: inout Document) {
    document.append(.heading("Unequal ranks", level: 2))
    document.append(.paragraph("\(estimate.variation.label): \(summary)"))
    if !unequal.blastRadius.added.isEmpty { document.append(.table(parts)) }
    if !unequal.blastRadius.reach.isEmpty { document.append(.table(reach)) }
    guard let monteCarlo = unequal.monteCarlo else { return }
    document.append(.heading("Samples", level: 2))
    document.append(.paragraph(sampleSummary(monteCarlo)))
    document.append(.table(quantiles(of: monteCarlo)))
  }

  private var ranks: Int { estimate.scenario.plan.worldSize }
  private var radius: BlastRadius { unequal.blastRadius }
  private var even: Seconds { estimate.step - radius.delay.seconds }

  private var summary: String {
    let change = radius.delay >= .zero ? "longer" : "shorter"
    let size = max(radius.delay, Ticks.zero - radius.delay).seconds
    return
      "the step is \(size) (\(percent(size / even))) \(change) than the \(even) of equal ranks; \(counted(ranks - radius.untouched, "rank", "ranks")) of \(grouped(ranks)) end something later."
  }

  private var parts: TextTable {
    var table = TextTable([
      .init("what ranks do more"), .init("of the step", .right), .init("per rank", .right),
    ])
    // What rounds to nothing shares a row.
    let least = Double(ranks) * estimate.step.value / 2000
    let isLarge = { (span: Ticks) in abs(span.seconds.value) >= least }
    for (part, span) in radius.added.sorted(by: { $0.span > $1.span }) where isLarge(span) {
      table.append([part.title] + cells(span))
    }
    let rest = radius.added.filter { !isLarge($0.span) }
    if !rest.isEmpty {
      table.append(
        ["\(rest.count) smaller"] + cells(rest.reduce(Ticks.zero) { $0 + $1.span }))
    }
    table.append(["together"] + cells(ranks * radius.delay))
    return table
  }

  /// A span of all ranks as a share of the step and per rank, with its sign.
  private func cells(_ span: Ticks) -> [String] {
    let sign = span < .zero ? "−" : "+"
    let size = max(span, Ticks.zero - span).seconds
    let share = percent(size.value / (Double(ranks) * estimate.step.value))
    return [sign + share, "\(sign)\((1 / Double(ranks)) * size)"]
  }

  private var reach: TextTable {
    var table = TextTable([.init("delay first comes by"), .init("ranks", .right)])
    for (entry, count) in radius.reach { table.append([entry.title, grouped(count)]) }
    if radius.untouched > 0 { table.append(["nothing: never late", grouped(radius.untouched)]) }
    return table
  }

  private func sampleSummary(_ monteCarlo: MonteCarlo) -> String {
    let seed = estimate.variation.jitter?.seed ?? 1
    return
      "\(counted(monteCarlo.steps.count, "step", "steps")) with other draws, seed \(seed); everything above is the first of them."
  }

  private func quantiles(of monteCarlo: MonteCarlo) -> TextTable {
    var table = TextTable([
      .init("step time"), .init("value", .right), .init("over equal ranks", .right),
    ])
    for (name, time) in monteCarlo.rows {
      let share = time / even - 1
      table.append([name, time.description, "\(share < 0 ? "−" : "+")\(percent(abs(share)))"])
    }
    return table
  }
}

extension MonteCarlo {
  /// What is said about the samples, by name.
  var rows: [(name: String, time: Seconds)] {
    [("p5", 0.05), ("p50", 0.5), ("p95", 0.95), ("p99", 0.99)].map { name, share in
      (name: name, time: quantile(share).seconds)
    } + [(name: "mean", time: mean)]
  }
}

extension BlastRadius.Part {
  var title: String {
    switch self {
    case .running(let timeClass): timeClass.title
    case .waiting(let family): "waiting for a later member of \(family.label)"
    case .waitingForMessages: "waiting for a later message (PP)"
    }
  }

  /// The name in JSON: `compute`, `waiting_tp`.
  var label: String {
    switch self {
    case .running(let timeClass): timeClass.label
    case .waiting(let family): "waiting_\(family.key)"
    case .waitingForMessages: "waiting_message"
    }
  }
}

extension BlastRadius.Entry {
  var title: String {
    switch self {
    case .own: "its own kernels or NIC"
    case .group(let family): "a later member of \(family.label)"
    case .message: "a later message (PP)"
    }
  }

  /// The name in JSON: `own`, `tp`, `message`.
  var label: String {
    switch self {
    case .own: "own"
    case .group(let family): family.key
    case .message: "message"
    }
  }
}

extension GroupFamily {
  /// The name in keys of JSON, in snake case.
  fileprivate var key: String {
    label.lowercased().reduce(into: "") { $0.append($1 == "-" ? "_" : $1) }
  }
}

extension StepVariation {
  /// What differs, in words.
  var label: String {
    let parts =
      slow.map { "\($0.place.label) \(written($0.factor)) times as slow" }
      + degraded.map { "rail \($0.rail) at \(percent($0.share)) of its bandwidth" }
      + [jitter.map(\.label), expertLoad.map(\.label)].compactMap { $0 }
    let text = parts.joined(separator: "; ")
    return text.prefix(1).uppercased() + text.dropFirst()
  }
}

extension SlowPart.Place {
  fileprivate var label: String {
    switch self {
    case .rank(let rank): "rank \(rank)"
    case .node(let node): "node \(node)"
    }
  }
}

extension Jitter {
  fileprivate var label: String {
    let parts = [("kernel", kernel), ("rank", rank)].filter { $0.1 > 0 }
    return parts.isEmpty
      ? "no jitter"
      : "jitter of "
        + parts.map { "\(percent($0.1)) per \($0.0)" }.joined(separator: " and ")
  }
}

extension ExpertLoad {
  fileprivate var label: String {
    "the busiest expert gets \(written(shares.max() ?? 1)) times the mean of all"
  }
}

private func written(_ factor: Double) -> String { fixed(factor, 2) }
