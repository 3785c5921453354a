public import Graph
import Parallelism

/// Writes the explicit DAG of a step, every rank's every operation, as a stream of DOT text.
///
/// Nodes are called `r<rank>_<index>`; an edge points from an operation to one that awaits it, and an
/// edge with `kind=transfer` from a send to its receive. Text that does not depend on the rank is
/// made once per stage, so the rest is copying bytes.
public struct DOTExporter: Sendable {
  public let graph: StepGraph
  public let header: DOTHeader
  public let selection: DOTSelection

  public init(_ graph: StepGraph, header: DOTHeader, selection: DOTSelection = .everything) {
    self.graph = graph
    self.header = header
    self.selection = selection
  }

  /// What was written.
  public struct Summary: Hashable, Sendable {
    public internal(set) var nodes = 0
    public internal(set) var edges = 0
    /// Edges with one end outside the selection.
    public internal(set) var droppedEdges = 0
    public internal(set) var bytes = 0
  }

  /// Writes the DAG in chunks of about a megabyte, without ever holding more.
  ///
  /// - Throws: `RenderingError.noSuchRank`, or what the sink throws.
  /// - Complexity: O(nodes + edges) time; memory for one text per operation of the stage programs.
  public func write(to sink: @escaping ByteSink) throws -> Summary {
    let worldSize = graph.grid.worldSize
    let ranks = selection.ranks?.sorted() ?? Array(0..<worldSize)
    if let rank = ranks.first(where: { !(0..<worldSize).contains($0) }) {
      throw RenderingError.noSuchRank(rank: rank, worldSize: worldSize)
    }
    var isChosen = [Bool](repeating: false, count: worldSize)
    for rank in ranks { isChosen[rank] = true }
    let stages = graph.programs.map { StageTexts(graph, program: $0, selection: selection) }

    var output = ChunkedOutput(sink)
    var summary = Summary()
    output.append(Array(header.text.utf8))
    for rank in ranks {
      let stage = stages[graph.grid.pipelineRank(of: rank)]
      try writeNodes(of: rank, stage, to: &output)
      summary.nodes += stage.entries.count
    }
    for rank in ranks {
      let stage = graph.grid.pipelineRank(of: rank)
      try writeEdges(of: rank, stages, stage: stage, isChosen, to: &output, &summary)
    }
    output.append(Array("}\n".utf8))
    try output.flush()
    summary.bytes = output.count
    return summary
  }

  private func writeNodes(of rank: Int, _ stage: StageTexts, to output: inout ChunkedOutput)
    throws
  {
    let node = Array("r\(rank)_".utf8)
    let rankAttribute = Array(" rank=\(rank)".utf8)
    let groups = stage.families.map { family in
      let group = graph.grid.group(family, containing: rank)
      let members = memberList(group.sorted())
      return Array(" members=\"\(members)\" instance=\"\(family.label):\(group.base):".utf8)
    }
    for entry in stage.entries {
      output.append(node)
      output.append(decimal: Int(entry.operation))
      output.append(stage.bytes[entry.text])
      output.append(rankAttribute)
      if entry.family >= 0 {
        output.append(groups[Int(entry.family)])
        output.append(decimal: Int(entry.partner))
        output.append(DOTPiece.quote)
      } else if entry.peerStage >= 0 {
        output.append(DOTPiece.peer)
        output.append(decimal: graph.grid.rank(rank, movedToStage: Int(entry.peerStage)))
      }
      output.append(DOTPiece.nodeEnd)
      try output.flushIfFull()
    }
  }

  private func writeEdges(
    of rank: Int, _ stages: [StageTexts], stage: Int, _ isChosen: [Bool],
    to output: inout ChunkedOutput, _ summary: inout Summary
  ) throws {
    let node = Array("r\(rank)_".utf8)
    let program = graph.programs[stage]
    let isSelected = stages[stage].isSelected
    for entry in stages[stage].entries {
      let index = Int(entry.operation)
      for dependency in program.dependencies(of: index) where isSelected[Int(dependency)] {
        output.append(node)
        output.append(decimal: Int(dependency))
        output.append(DOTPiece.arrow)
        output.append(node)
        output.append(decimal: index)
        output.append(DOTPiece.edgeEnd)
        summary.edges += 1
      }
      if entry.peerStage >= 0 {
        let peerStage = Int(entry.peerStage)
        let peer = graph.grid.rank(rank, movedToStage: peerStage)
        if !isChosen[peer] || !stages[peerStage].isSelected[Int(entry.partner)] {
          summary.droppedEdges += 1
        } else if program.operations[index].meeting == .send {
          output.append(Array("r\(rank)_\(index) -> r\(peer)_\(entry.partner)".utf8))
          output.append(DOTPiece.transferEnd)
          summary.edges += 1
        }
      }
      try output.flushIfFull()
    }
    summary.droppedEdges += stages[stage].cutDependencies
  }
}

/// The fixed bytes between names and numbers.
private enum DOTPiece {
  static let quote = Array("\"".utf8)
  static let peer = Array(" peer=".utf8)
  static let nodeEnd = Array("];\n".utf8)
  static let arrow = Array(" -> ".utf8)
  static let edgeEnd = Array(";\n".utf8)
  static let transferEnd = Array(" [kind=transfer];\n".utf8)
}
