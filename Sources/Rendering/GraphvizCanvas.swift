import CGraphviz

/// One use of Graphviz: holds its process-wide lock, its context and one graph, and gives all back.
///
/// A thread owns at most one canvas at a time; a second one on the same thread would wait for ever.
struct GraphvizCanvas: ~Copyable {
  private let context: OpaquePointer
  private let graph: UnsafeMutablePointer<Agraph_t>

  /// - Throws: `RenderingError.graphviz` when Graphviz cannot start.
  init() throws(RenderingError) {
    stepcast_graphviz_lock()
    stepcast_collect_messages()
    guard let context = gvContext() else {
      stepcast_graphviz_unlock()
      throw .graphviz(doing: "starting", message: "")
    }
    guard let graph = stepcast_open_directed("stepcast") else {
      gvFreeContext(context)
      stepcast_graphviz_unlock()
      throw .graphviz(doing: "opening a graph", message: "")
    }
    self.context = context
    self.graph = graph
  }

  deinit {
    agclose(graph)
    gvFreeContext(context)
    stepcast_graphviz_unlock()
  }

  /// Puts a drawing on the empty canvas.
  func draw(_ drawing: Drawing) {
    set(drawing.graphAttributes, of: graph)
    declare(drawing.nodeDefaults, of: AGNODE)
    declare(drawing.edgeDefaults, of: AGOUTEDGE)
    var handles: [UnsafeMutablePointer<Agnode_t>?] = []
    handles.reserveCapacity(drawing.nodes.count)
    for node in drawing.nodes {
      let handle = stepcast_add_node(graph, node.name)
      if let handle { set(node.attributes, of: handle) }
      handles.append(handle)
    }
    for edge in drawing.edges {
      guard let handle = stepcast_add_edge(graph, handles[edge.tail], handles[edge.head]) else {
        continue
      }
      set(edge.attributes, of: handle)
    }
    for (number, cluster) in drawing.clusters.enumerated() {
      guard let handle = stepcast_add_subgraph(graph, "cluster\(number)") else { continue }
      for node in cluster.nodes { stepcast_include(handle, handles[node]) }
      set(cluster.attributes, of: handle)
    }
  }

  /// Lays the drawing out and writes it in a format.
  ///
  /// - Throws: `RenderingError.graphviz` or `.missingPlugin`.
  func render(_ engine: Drawing.Engine, as format: PictureFormat) throws(RenderingError) -> [UInt8]
  {
    let isLaidOut = gvLayout(context, graph, engine.rawValue) == 0
    defer { gvFreeLayout(context, graph) }
    guard isLaidOut, stepcast_has_failed() == 0 else {
      throw .graphviz(doing: "laying out", message: lastMessage())
    }
    var data: UnsafeMutablePointer<CChar>?
    var count: UInt32 = 0
    guard gvRenderData(context, graph, format.graphvizName, &data, &count) == 0, let data else {
      throw .missingPlugin(format: format, message: lastMessage())
    }
    defer { gvFreeRenderData(data) }
    return Array(UnsafeRawBufferPointer(start: data, count: Int(count)))
  }

  private func declare(_ attributes: Drawing.Attributes, of kind: Int32) {
    for attribute in attributes {
      stepcast_set_default(graph, kind, attribute.name, attribute.value.graphvizText)
    }
  }

  private func set(_ attributes: Drawing.Attributes, of object: UnsafeMutableRawPointer) {
    for attribute in attributes {
      if case .html(let html) = attribute.value {
        stepcast_set_html(graph, object, attribute.name, html)
      } else {
        stepcast_set(object, attribute.name, attribute.value.graphvizText)
      }
    }
  }

  private func lastMessage() -> String {
    guard let message = stepcast_last_message() else { return "" }
    defer { free(message) }
    return String(String(cString: message).split(whereSeparator: \.isNewline).first ?? "")
  }
}

extension AttributeValue {
  /// The text that Graphviz reads.
  fileprivate var graphvizText: String {
    switch self {
    case .literal(let text), .html(let text): text
    case .text(let text): escapedForLabel(text)
    case .leftText(let text): escapedForLabel(text, lineEnd: "\\l")
    case .rightText(let text): escapedForLabel(text, lineEnd: "\\r")
    }
  }
}
