import Graph
import Parallelism
import Units

/// How many coordinates of each parallel axis a graph shows.
struct AxisCoverage {
  /// One axis of the plan.
  struct Axis {
    let family: GroupFamily
    let name: String
    let size: Int
    let seen: [Int]

    /// The notation of plans, for example `TP4`.
    var label: String { "\(symbol)\(size)" }
    var symbol: String { family == .expertData ? "DP" : family.label }
  }

  let reading: Reading
  let axes: [Axis]

  init(_ reading: Reading) {
    self.reading = reading
    let grid = reading.expected.grid
    let shown = reading.nodesOfRank.indices.filter { reading.nodesOfRank[$0] > 0 }
    axes = Self.families(of: reading.expected).map { family, name in
      let size = grid.size(of: family)
      var isSeen = Array(repeating: false, count: size)
      for rank in shown { isSeen[Self.coordinate(of: rank, on: family, grid: grid)] = true }
      for placement in reading.graph.placements {
        let isSame =
          placement.axis == family || (family == .expertData && placement.axis == .data)
        if isSame, placement.index < size { isSeen[placement.index] = true }
      }
      return Axis(
        family: family, name: name, size: size, seen: isSeen.indices.filter { isSeen[$0] })
    }
  }

  /// The axes that a plan is written with: with experts, DP counts the replicas of an expert.
  private static func families(of expected: ExpectedStep) -> [(GroupFamily, String)] {
    let plan = expected.grid.plan
    var families: [(GroupFamily, String)] = [
      (.tensor, "Tensor Parallel"), (.context, "Context Parallel"),
      (.pipeline, "Pipeline Parallel"),
    ]
    if expected.model.hasExperts {
      families.append((.expert, "Expert Parallel"))
      if plan.expertTensor != plan.tensor {
        families.append((.expertTensor, "Expert Tensor Parallel"))
      }
      families.append((.expertData, "Data Parallel"))
    } else {
      families.append((.data, "Data Parallel"))
    }
    return families.filter { expected.grid.size(of: $0.0) > 1 }
  }

  private static func coordinate(of rank: Int, on family: GroupFamily, grid: RankGrid) -> Int {
    let dense = grid.denseCoordinates(of: rank)
    let expert = grid.expertCoordinates(of: rank)
    return switch family {
    case .tensor: dense.tensor
    case .context: dense.context
    case .pipeline: dense.pipeline
    case .expert: expert.expert
    case .expertTensor: expert.expertTensor
    case .expertData: expert.expertData
    default: dense.data
    }
  }

  var findings: [Finding] {
    axes.filter { $0.seen.count < $0.size }.map(finding) + rankFindings
  }

  private func finding(_ axis: Axis) -> Finding {
    let shown = axis.seen.map { "\(axis.symbol)\($0)" }.joined(separator: ", ")
    let problem =
      axis.seen.count <= 1
      ? "No \(axis.name) (\(axis.symbol)) distribution: "
        + "shows \(axis.seen.count) of \(axis.size) coordinates"
      : "Only shows \(axis.seen.count) out of \(axis.size) \(axis.name) (\(axis.symbol)) dimensions"
    return Finding(
      .parallelStrategy, about: axis.symbol, problem, expected: "all \(axis.size) coordinates",
      found: shown.isEmpty ? "none" : shown,
      fix: "Show all \(axis.size) \(axis.name) coordinates with their ranks",
      action: .node(
        "Complete \(axis.label) Representation",
        "all \(axis.size) \(axis.name) coordinates with their GPU assignments"))
  }

  private var rankFindings: [Finding] {
    var findings: [Finding] = []
    let absent = reading.absentRanks
    let world = reading.nodesOfRank.count
    if !absent.isEmpty {
      var places = Places()
      for rank in absent { places.add("rank \(rank)") }
      let shown = world - absent.count
      findings.append(
        Finding(
          .parallelStrategy, about: "ranks",
          absent.count * 2 > world
            ? "Only representative GPUs shown: \(shown) of \(world)"
            : "\(absent.count) of \(world) ranks are missing",
          expected: "nodes on each of \(world) ranks", found: "nodes on \(shown)", at: places,
          fix: "Map the step to all \(world) ranks",
          action: .node("Complete Rank Mapping", "the operations of every one of \(world) GPUs")))
    }
    var outside = Places()
    for id in reading.graph.ids {
      if let rank = reading.graph[id].lastRank, rank >= world { outside.add(reading.place(id)) }
    }
    if outside.count > 0 {
      findings.append(
        Finding(
          .parallelStrategy, about: "ranks", "Ranks outside the world",
          expected: "ranks 0 to \(world - 1)", found: "\(grouped(outside.count)) nodes beyond",
          at: outside, fix: "Number the ranks from 0 to \(world - 1)"))
    }
    return findings
  }
}
