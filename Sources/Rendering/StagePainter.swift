import Cost
import Graph
import Parallelism
import Units

/// Draws a stage picture as a graph that Graphviz lays out.
struct StagePainter {
  private let picture: StagePicture
  private var drawing: Drawing
  /// For each stage shown, the drawing's node of each summary node; nil where it was left out.
  private var nodes: [[Int?]] = []
  private var summaries: [StageSummary] = []

  init(_ picture: StagePicture) {
    self.picture = picture
    drawing = Drawing(
      .layered,
      graph: [
        .init("rankdir", "LR"), .init("bgcolor", "#FFFFFF"), .init("fontname", "Helvetica"),
        .init("fontsize", "15"), .init("labelloc", "t"), .init("labeljust", "l"),
        .init("nodesep", "0.18"), .init("ranksep", "0.55"), .init("newrank", "true"),
        .init("label", ""), .init("pad", "0.15"), .init("compound", "true"),
      ],
      nodes: [
        .init("shape", "plain"), .init("fontname", "Helvetica"), .init("fontsize", "9"),
        .init("label", ""), .init("class", ""),
      ],
      edges: [
        .init("fontname", "Helvetica"), .init("fontsize", "8.5"), .init("color", "#666666"),
        .init("fontcolor", "#444444"), .init("arrowsize", "0.7"), .init("label", ""),
        .init("class", ""),
      ])
  }

  mutating func paint() -> Drawing {
    for stage in picture.stages { put(stage: stage) }
    for position in picture.stages.indices { putEdges(ofStageAt: position) }
    putTransfers()
    drawing.setGraphAttribute("label", .html(heading))
    return drawing
  }

  private var heading: String {
    let elided =
      drawing.elided > 0
      ? "<BR/><FONT COLOR=\"#B00000\" POINT-SIZE=\"9\">\(drawing.elided) nodes elided</FONT>" : ""
    let hidden = picture.graph.programs.count - picture.stages.count
    let stages = hidden > 0 ? " · \(hidden) stages between are not shown" : ""
    let legend = [OperationClass.forward, .inputGradient, .optimizer, .pipeline].map { entry in
      "<FONT COLOR=\"\(entry.color)\">■</FONT> \(blockName(of: entry))"
    }
    return """
      <B>\(escapedForHTML(picture.title.headline))</B><BR ALIGN="LEFT"/>\
      <FONT POINT-SIZE="10">\(escapedForHTML(picture.title.subtitle + stages))</FONT><BR ALIGN="LEFT"/>\
      <FONT POINT-SIZE="9">\(legend.joined(separator: "   "))   — dashed: next layer or order only; \
      counts are per rank and step</FONT>\(elided)<BR ALIGN="LEFT"/>
      """
  }

  private func blockName(of operationClass: OperationClass) -> String {
    switch operationClass {
    case .forward: "forward"
    case .optimizer: "step-wide"
    case .pipeline: "between stages"
    default: "backward"
    }
  }

  private mutating func put(stage: Int) {
    let program = picture.graph.programs[stage]
    let summary = StageSummary(picture.graph, program: program, costs: picture.costs)
    summaries.append(summary)
    var handles: [Int?] = []
    for node in summary.nodes {
      guard drawing.nodes.count < picture.nodeLimit else {
        drawing.elided += 1
        handles.append(nil)
        continue
      }
      handles.append(
        drawing.addNode([
          .init("label", .html(label(of: node))), .init("class", .literal("block \(node.key.pass)")),
        ]))
    }
    nodes.append(handles)
    let size = grouped(program.operations.count)
    drawing.addCluster(
      of: handles.compactMap(\.self),
      [
        .init("label", .text("stage \(stage): \(size) operations on each of \(picture.graph.grid.plan.stageSize) ranks")),
        .init("style", "filled,rounded"), .init("fillcolor", "#F7F7F7"), .init("color", "#BBBBBB"),
        .init("fontsize", "11"), .init("labeljust", "l"), .init("fontname", "Helvetica-Bold"),
      ])
  }

  private func label(of node: StageSummary.Node) -> String {
    let operationClass = color(of: node)
    let repetition = [(node.layers.count, "layers"), (node.microbatches.count, "microbatches")]
      .filter { $0.0 > 1 }.map { " ×\($0.0) \($0.1)" }.joined()
    var html = """
      <TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="2" BGCOLOR="#FFFFFF" \
      COLOR="\(operationClass.color)"><TR><TD BGCOLOR="\(operationClass.color)" COLSPAN="3" ALIGN="LEFT">\
      <FONT COLOR="\(operationClass.textColor)"><B>\(escapedForHTML(node.key.block.title))</B>\
      \(escapedForHTML(repetition))</FONT></TD></TR>
      """
    let instances = max(1, node.layers.count) * max(1, node.microbatches.count)
    for row in node.rows {
      let operation = row.operation
      let times =
        row.count == instances ? ""
        : row.count % instances == 0 ? "×\(row.count / instances)" : "×\(row.count) in all"
      let time = picture.costs == nil ? "" : "\(row.time)"
      let work = picture.graph.works[operation.work].summary
      html += """
        <TR><TD ALIGN="LEFT">\(escapedForHTML(picture.graph.title(of: operation))) \(times)</TD>\
        <TD ALIGN="RIGHT"><FONT COLOR="#666666" POINT-SIZE="8">\(escapedForHTML(work))</FONT></TD>\
        <TD ALIGN="RIGHT">\(escapedForHTML(time))</TD></TR>
        """
    }
    return html + "</TABLE>"
  }

  private func color(of node: StageSummary.Node) -> OperationClass {
    switch (node.key.block, node.key.pass) {
    case (.send, _), (.receive, _): .pipeline
    case (_, .forward): .forward
    case (_, .backward): .inputGradient
    case (_, .step): .optimizer
    }
  }

  private mutating func putEdges(ofStageAt position: Int) {
    let summary = summaries[position]
    for edge in summary.edges {
      guard let tail = nodes[position][edge.tail], let head = nodes[position][edge.head] else {
        continue
      }
      let isLoop = edge.tail > edge.head
      let crosses = summary.nodes[edge.tail].key.pass != summary.nodes[edge.head].key.pass
      var attributes: Drawing.Attributes = []
      let bytes = edge.bytes.map { "\($0) " } ?? ""
      attributes.append(.init("label", .text("\(bytes)×\(grouped(edge.count))")))
      if isLoop || crosses { attributes.append(.init("style", "dashed")) }
      if isLoop { attributes.append(.init("constraint", "false")) }
      drawing.addEdge(from: tail, to: head, attributes)
    }
  }

  /// One edge per kind of message between two shown stages.
  private mutating func putTransfers() {
    for (position, stage) in picture.stages.enumerated() {
      let program = picture.graph.programs[stage]
      var drawn: Set<[Int]> = []
      for (index, operation) in program.operations.enumerated() where operation.meeting == .send {
        guard let peer = picture.stages.firstIndex(of: operation.peer),
          let tail = nodes[position][summaries[position].nodeOfOperation[index]],
          let head = nodes[peer][summaries[peer].nodeOfOperation[operation.partner]],
          drawn.insert([tail, head]).inserted
        else { continue }
        let count = program.operations.count {
          $0.meeting == .send && $0.peer == operation.peer && $0.kind == operation.kind
        }
        let bytes = picture.graph.works[operation.work].outputBytes.map { "\($0) " } ?? ""
        drawing.addEdge(
          from: tail, to: head,
          [
            .init("label", .text("\(bytes)×\(count)")), .init("penwidth", "2.5"),
            .init("color", .literal(OperationClass.pipeline.color)), .init("class", "transfer"),
            .init("constraint", .literal(operation.kind == .sendActivation ? "true" : "false")),
          ])
      }
    }
  }
}
