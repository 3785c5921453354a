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
    findings += loss
    return findings
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
