import Graph
import Model
import Parallelism
import Units

/// Says what is lost when single nodes stand for operations that run in many places.
struct SampleCheck {
  let reading: Reading
  let census: Census

  var findings: [Finding] {
    guard reading.isSample else { return [] }
    let world = reading.expected.grid.worldSize
    let nodes = reading.graph.nodeCount
    let expected = reading.expected.nodeCount
    var findings = [
      Finding(
        .simplification, about: "nodes", "Only \(grouped(nodes)) nodes for a \(world)-GPU system",
        expected: "at least \(grouped(expected)) nodes", found: "\(grouped(nodes))",
        fix: "Draw every operation of every rank, layer and microbatch", action: fullDecomposition)
    ]
    if let merged { findings.append(merged) }
    findings += loss + partialPatterns + layerStructure
    return findings
  }

  /// Axes whose communication is shown, but not all of it.
  private var partialPatterns: [Finding] {
    var findings = GroupFamily.allCases.compactMap { family -> Finding? in
      let found = census.foundCalls(of: family)
      let expected = census.expectedCalls(of: family)
      guard found > 0, found < expected else { return nil }
      return Finding(
        .communication, about: family.label,
        "Missing \(Self.name(of: family)) collectives across the \(family.label) groups",
        expected: "\(grouped(expected)) calls", found: grouped(found),
        fix: "Show every \(family.label) collective of every group",
        action: .communication(
          "Complete \(family.label) Collectives",
          "gather, scatter and reduction across all \(family.label) groups"))
    }
    let transfers = OperationKind.allCases.filter(\.isSend)
    let found = transfers.reduce(0) { $0 + census.foundTotal($1) }
    let expected = transfers.reduce(0) { $0 + census.expectedTotal($1) }
    if found > 0, found < expected {
      findings.append(
        Finding(
          .communication, about: "PP",
          "Pipeline communication shown for \(grouped(found)) of \(grouped(expected)) sends",
          expected: "both directions, every stage boundary, microbatch and rank",
          found: grouped(found), fix: "Show the complete pipeline communication",
          action: OperationKind.sendActivation.action))
    }
    return findings
  }

  private static func name(of family: GroupFamily) -> String {
    switch family {
    case .tensor: "Tensor Parallel (all-reduce, or reduce-scatter and all-gather)"
    case .expert: "Expert Parallel all-to-all"
    case .dataContext, .data, .expertData: "Data Parallel"
    default: family.label
    }
  }

  /// How many of the kinds of a layer are there at all.
  private var layerStructure: [Finding] {
    var isOfLayer = [Bool](repeating: false, count: OperationKind.allCases.count)
    for program in reading.expected.programs {
      for operation in program.operations where operation.layer != nil {
        isOfLayer[Int(operation.kind.rawValue)] = true
      }
    }
    let kinds = OperationKind.allCases.filter { isOfLayer[Int($0.rawValue)] }
    let shown = kinds.filter { census.foundTotal($0) > 0 }
    guard shown.count < kinds.count else { return [] }
    return [
      Finding(
        .components, about: "layer", "Incomplete transformer layer structure",
        expected: "\(kinds.count) kinds of operations in each layer",
        found: "\(shown.count) of them", fix: "Draw every submodule of every layer",
        action: .node("Complete Layers", "every submodule of every layer"))
    ]
  }

  private var fullDecomposition: CorrectiveAction {
    .node(
      "Full Decomposition",
      "one node per operation, rank, layer and microbatch: "
        + "\(grouped(reading.expected.nodeCount)) in all")
  }

  /// Kinds that are there, but in fewer places than they run in.
  private var merged: Finding? {
    let kinds = OperationKind.allCases.filter {
      let found = census.foundTotal($0)
      return found > 0 && found < census.expectedTotal($0)
    }
    guard !kinds.isEmpty else { return nil }
    var places = Places()
    for kind in kinds {
      places.add(
        "`\(kind.label)` \(grouped(census.foundTotal(kind))) of "
          + grouped(census.expectedTotal(kind)))
    }
    return Finding(
      .simplification, about: "representatives",
      "Massive parallel operations reduced to representative nodes",
      expected: "a node on every rank, layer and microbatch",
      found: "\(kinds.count) kinds in part of their places", at: places,
      fix: "Replace representative nodes by the nodes that they stand for")
  }

  private var loss: [Finding] {
    let edges = reading.graph.edgeCount
    var layers = Set<Int>()
    var collectives = 0
    var sized = 0
    for node in reading.graph.nodes {
      if let layer = node.layer { layers.insert(layer) }
      guard node.operation != nil || node.kind?.isCommunication == true else { continue }
      collectives += 1
      if node.bytesIn != nil || node.bytesOut != nil { sized += 1 }
    }
    return [
      Finding(
        .simplification, about: "flow", "Loss of detailed execution flow",
        expected: "\(reading.expected.model.layers.count) layers, "
          + "\(reading.expected.configuration.microbatches) microbatches and every dependency",
        found: "\(layers.count) layers named, \(grouped(edges)) edges",
        fix: "State layer and microbatch of every node, and every dependency"),
      Finding(
        .simplification, about: "performance", "Inadequate for performance analysis",
        expected: "bytes on every communication",
        found: "\(grouped(sized)) of \(grouped(collectives)) communications state bytes",
        fix: "State the bytes of every collective and transfer"),
    ]
  }
}
