public import Graph
import Parallelism

/// A part of the explicit DAG as a graph that Graphviz lays out: every node and edge, a cluster per
/// rank. For a few hundred nodes; a layer over many ranks reads better as a `LayerPicture`.
public struct DAGPicture: Sendable {
  public let graph: StepGraph
  public let title: PictureTitle
  public let selection: DOTSelection
  /// The most nodes that are drawn; further ones are counted and left out.
  public let nodeLimit: Int

  public init(
    graph: StepGraph, selection: DOTSelection, title: PictureTitle, nodeLimit: Int = 1000
  ) {
    self.graph = graph
    self.title = title
    self.selection = selection
    self.nodeLimit = nodeLimit
  }

  /// The picture, to be rendered in a format.
  ///
  /// - Throws: `RenderingError.noSuchRank` or `.nothingToDraw`.
  public func drawing() throws(RenderingError) -> Drawing {
    let worldSize = graph.grid.worldSize
    let ranks = selection.ranks?.sorted() ?? Array(0..<worldSize)
    if let rank = ranks.first(where: { !(0..<worldSize).contains($0) }) {
      throw .noSuchRank(rank: rank, worldSize: worldSize)
    }
    var drawing = Self.emptyDrawing
    var nodeOfRank: [Int: [Int?]] = [:]
    for rank in ranks { nodeOfRank[rank] = putNodes(of: rank, on: &drawing) }
    guard !drawing.nodes.isEmpty else {
      throw .nothingToDraw(
        what: "this selection", hint: "choose other ranks, layers or microbatches")
    }
    for rank in ranks { putEdges(of: rank, nodeOfRank, on: &drawing) }
    drawing.setGraphAttribute("label", .leftText(heading(elided: drawing.elided)))
    return drawing
  }

  private static var emptyDrawing: Drawing {
    Drawing(
      .layered,
      graph: [
        .init("rankdir", "TB"), .init("bgcolor", "#FFFFFF"), .init("fontname", "Helvetica"),
        .init("fontsize", "13"), .init("labelloc", "t"), .init("labeljust", "l"),
        .init("nodesep", "0.15"), .init("ranksep", "0.25"), .init("pad", "0.15"),
      ],
      nodes: [
        .init("shape", "box"), .init("style", "filled"), .init("fontname", "Helvetica"),
        .init("fontsize", "9"), .init("height", "0.28"), .init("margin", "0.08,0.03"),
        .init("penwidth", "0"), .init("label", ""),
      ],
      edges: [
        .init("color", "#777777"), .init("arrowsize", "0.6"), .init("fontname", "Helvetica"),
        .init("fontsize", "8.5"), .init("label", ""),
      ])
  }

  private func heading(elided: Int) -> String {
    let lines = [
      title.headline, title.subtitle,
      "blue forward, green dgrad, pale green wgrad, other colours communication; thick: messages",
      elided > 0 ? "\(elided) nodes elided" : "",
    ]
    return lines.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func putNodes(of rank: Int, on drawing: inout Drawing) -> [Int?] {
    let program = graph.program(of: rank)
    var nodes: [Int?] = []
    for operation in program.operations {
      guard selection.includes(operation) else {
        nodes.append(nil)
        continue
      }
      guard drawing.nodes.count < nodeLimit else {
        drawing.elided += 1
        nodes.append(nil)
        continue
      }
      let operationClass = OperationClass(operation)
      nodes.append(
        drawing.addNode([
          .init("label", .text(graph.title(of: operation))),
          .init("fillcolor", .literal(operationClass.color)),
          .init("fontcolor", .literal(operationClass.textColor)),
          .init("tooltip", .text(operation.description)),
          .init("class", .literal(operationClass.cssClass)),
        ]))
    }
    drawing.addCluster(
      of: nodes.compactMap(\.self),
      [
        .init("label", .text(graph.grid.label(of: rank))), .init("style", "filled"),
        .init("fillcolor", "#F5F5F5"), .init("color", "#CCCCCC"), .init("fontsize", "10"),
      ])
    return nodes
  }

  private func putEdges(of rank: Int, _ nodeOfRank: [Int: [Int?]], on drawing: inout Drawing) {
    guard let nodes = nodeOfRank[rank] else { return }
    let program = graph.program(of: rank)
    for (index, operation) in program.operations.enumerated() {
      guard let head = nodes[index] else { continue }
      for dependency in program.dependencies(of: index) {
        if let tail = nodes[Int(dependency)] { drawing.addEdge(from: tail, to: head) }
      }
      if operation.meeting == .send,
        let receiver = nodeOfRank[graph.grid.rank(rank, movedToStage: operation.peer)]?[
          operation.partner]
      {
        let bytes = graph.works[operation.work].shortSummary
        drawing.addEdge(
          from: head, to: receiver,
          [
            .init("label", .text(bytes)), .init("penwidth", "2"),
            .init("color", .literal(OperationClass.pipeline.color)),
          ])
      }
    }
  }
}
