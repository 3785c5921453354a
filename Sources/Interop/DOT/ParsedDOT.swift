import CGraphviz

/// A DOT text as cgraph understands it: nodes, edges and the clusters around them, all as text.
struct ParsedDOT {
  struct Node {
    let name: String
    /// Values of `attributeNames`, in that order; nil where empty.
    var attributes: [String?]
    /// What the clusters around it are called, outermost first, as indices into `contexts`.
    var context: Int32 = -1
  }

  let nodes: [Node]
  /// Pairs of indices into `nodes`.
  let edges: [(source: Int32, target: Int32)]
  /// Texts of the clusters around nodes.
  let contexts: [String]
}

extension ParsedDOT {
  /// Reads a text.
  ///
  /// - Throws: `DOTError` naming `path`.
  init(parsing text: [UInt8], path: String, attributeNames: [String], textLimit: Int)
    throws(DOTError)
  {
    stepcast_enter_graphviz()
    defer { stepcast_leave_graphviz() }
    var count: Int32 = 0
    var errors: Int32 = 0
    var message = [CChar](repeating: 0, count: Int(STEPCAST_MESSAGE_CAPACITY))
    let graph = text.withUnsafeBytes { bytes in
      stepcast_read_dot(
        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, &count, &errors,
        &message)
    }
    defer { if let graph { agclose(graph) } }
    if errors > 0 {
      throw Self.syntaxError(String(decoding: Self.bytes(of: message), as: UTF8.self), path: path)
    }
    guard let graph else { throw .noGraph(path: path) }
    if count > 1 { throw .severalGraphs(path: path, count: Int(count)) }
    if agisdirected(graph) == 0 { throw .undirected(path: path) }
    var walk = GraphWalk(
      graph: graph, path: path, attributeNames: attributeNames, textLimit: textLimit)
    self = try walk.parsed()
  }

  private static func bytes(of message: [CChar]) -> [UInt8] {
    message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  }

  /// cgraph says `Error: text: syntax error in line 2 near ';'`.
  private static func syntaxError(_ message: String, path: String) -> DOTError {
    var text = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? "syntax error"
    for prefix in ["Error: ", "Warning: ", "text: "] where text.hasPrefix(prefix) {
      text.removeFirst(prefix.count)
    }
    var line: Int?
    if let range = text.firstRange(of: " in line ") {
      line = Int(text[range.upperBound...].prefix { $0.isNumber })
    }
    return .syntax(path: path, line: line, message: text)
  }
}

/// Copies a parsed graph out of cgraph's memory.
private struct GraphWalk {
  let graph: UnsafeMutablePointer<Agraph_t>
  let path: String
  let attributeNames: [String]
  let textLimit: Int
  private var nodes: [ParsedDOT.Node] = []
  private var contexts: [String] = []
  /// The index of a node by its sequence number in cgraph.
  private var indexOfSequence: [Int32] = [-1]

  init(
    graph: UnsafeMutablePointer<Agraph_t>, path: String, attributeNames: [String], textLimit: Int
  ) {
    self.graph = graph
    self.path = path
    self.attributeNames = attributeNames
    self.textLimit = textLimit
  }

  mutating func parsed() throws(DOTError) -> ParsedDOT {
    try readNodes()
    try readClusters()
    return ParsedDOT(nodes: nodes, edges: edges(), contexts: contexts)
  }

  private mutating func readNodes() throws(DOTError) {
    let symbols = attributeNames.map { name in
      name.withCString { stepcast_node_attribute(graph, $0) }
    }
    nodes.reserveCapacity(Int(agnnodes(graph)))
    var next = agfstnode(graph)
    while let node = next {
      let name = try text(agnameof(node), of: "")
      var attributes: [String?] = []
      attributes.reserveCapacity(symbols.count)
      for symbol in symbols {
        guard let symbol, let value = agxget(node, symbol), value.pointee != 0 else {
          attributes.append(nil)
          continue
        }
        let text = try text(value, of: name)
        attributes.append(stepcast_is_html(value) != 0 ? plainText(ofHTML: text) : text)
      }
      let sequence = stepcast_node_sequence(node)
      while indexOfSequence.count <= sequence { indexOfSequence.append(-1) }
      indexOfSequence[sequence] = Int32(nodes.count)
      nodes.append(ParsedDOT.Node(name: name, attributes: attributes))
      next = agnxtnode(graph, node)
    }
  }

  private func text(_ pointer: UnsafePointer<CChar>?, of node: String) throws(DOTError) -> String {
    guard let pointer else { return "" }
    let length = stepcast_text_length(pointer)
    if length > textLimit {
      let start = String(
        decoding: UnsafeRawBufferPointer(start: pointer, count: 40), as: UTF8.self)
      throw .labelTooLong(
        path: path, node: node.isEmpty ? start + "…" : node, bytes: length, limit: textLimit)
    }
    return String(cString: pointer)
  }

  private mutating func readClusters() throws(DOTError) {
    var pending: [(graph: UnsafeMutablePointer<Agraph_t>, text: String)] = []
    var next = agfstsubg(graph)
    while let cluster = next {
      pending.append((cluster, ""))
      next = agnxtsubg(cluster)
    }
    while let (cluster, outer) = pending.popLast() {
      let inner = try clusterText(cluster)
      let text = [outer, inner].filter { !$0.isEmpty }.joined(separator: " / ")
      if !inner.isEmpty, text.utf8.count <= textLimit { mark(cluster, with: text) }
      var next = agfstsubg(cluster)
      while let child = next {
        pending.append((child, text.utf8.count <= textLimit ? text : ""))
        next = agnxtsubg(child)
      }
    }
  }

  private func clusterText(_ cluster: UnsafeMutablePointer<Agraph_t>) throws(DOTError) -> String {
    let name = try text(agnameof(cluster), of: "")
    let label = try stepcast_own_label(cluster).map { pointer throws(DOTError) -> String in
      let text = try text(pointer, of: name)
      return stepcast_is_html(pointer) != 0 ? plainText(ofHTML: text) : text
    }
    let isNamed = !name.hasPrefix("%")
    return [isNamed ? name : nil, label].compactMap(\.self).filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  /// Inner clusters come after outer ones, so the last text of a node holds all of them.
  private mutating func mark(_ cluster: UnsafeMutablePointer<Agraph_t>, with text: String) {
    contexts.append(text)
    var next = agfstnode(cluster)
    while let node = next {
      nodes[Int(indexOfSequence[stepcast_node_sequence(node)])].context = Int32(contexts.count - 1)
      next = agnxtnode(cluster, node)
    }
  }

  private func edges() -> [(source: Int32, target: Int32)] {
    var edges: [(source: Int32, target: Int32)] = []
    edges.reserveCapacity(Int(agnedges(graph)))
    var next = agfstnode(graph)
    while let node = next {
      let source = indexOfSequence[stepcast_node_sequence(node)]
      var edge = agfstout(graph, node)
      while let out = edge {
        if let head = stepcast_edge_head(out) {
          edges.append((source, indexOfSequence[stepcast_node_sequence(head)]))
        }
        edge = agnxtout(graph, out)
      }
      next = agnxtnode(graph, node)
    }
    return edges
  }
}
