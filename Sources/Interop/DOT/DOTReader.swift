public import Audit
import Foundation
import Graph
import Parallelism

/// Reads a DAG from a DOT file, our own or anybody's.
///
/// Nodes that carry our attributes (`kind`, `pass`, `rank`, …) are taken at their word. Others are
/// recognized by their label, their identifier and the clusters around them; what stays unknown is
/// left open, which an audit then names.
public enum DOTReader {
  /// Files beyond this are refused: 2 GiB hold about ten million nodes.
  public static let sizeLimit = 2 << 30
  /// Names, labels and attributes beyond this are refused.
  public static let textLimit = 64 << 10

  /// Reads a file.
  ///
  /// - Throws: `DOTError` when it cannot be read or is not one DOT digraph.
  public static func read(_ path: String) throws(DOTError) -> ObservedGraph {
    let bytes: Data
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
      if size > sizeLimit { throw DOTError.tooLarge(path: path, bytes: size, limit: sizeLimit) }
      bytes = try Data(contentsOf: URL(filePath: path))
    } catch let error as DOTError {
      throw error
    } catch {
      let exists = FileManager.default.fileExists(atPath: path)
      throw .unreadable(
        path: path,
        reason: exists ? "it is no file that you may read" : "there is no such file; check the path"
      )
    }
    return try read([UInt8](bytes), path: path)
  }

  /// Reads a text in memory; `path` names it in errors.
  ///
  /// - Throws: `DOTError` when it is not one DOT digraph.
  public static func read(text: String, path: String = "text") throws(DOTError) -> ObservedGraph {
    try read(Array(text.utf8), path: path)
  }

  private static func read(_ bytes: [UInt8], path: String) throws(DOTError) -> ObservedGraph {
    if let position = bytes.firstIndex(of: 0) {
      let line = bytes[..<position].reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
      throw .containsNUL(path: path, line: line)
    }
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    if bytes.allSatisfy(blanks.contains) { throw .empty(path: path) }
    if let long = LongTextScan.firstLongText(in: bytes, limit: textLimit) {
      throw .labelTooLong(path: path, node: long.node, bytes: long.length, limit: textLimit)
    }
    let parsed = try ParsedDOT(
      parsing: bytes, path: path, attributeNames: DOTAttribute.allCases.map(\.name),
      textLimit: textLimit)
    return graph(of: parsed)
  }

  private static func graph(of parsed: ParsedDOT) -> ObservedGraph {
    var builder = ObservedGraphBuilder()
    builder.reserve(nodes: parsed.nodes.count, edges: parsed.edges.count)
    var members = MemberLists()
    for node in parsed.nodes {
      if node[.kind] != nil || node[.rank] != nil {
        builder.add(node.declared(&members, in: &builder), named: node.name, label: node.title)
      } else {
        add(recognized: node, in: parsed, to: &builder)
      }
    }
    for edge in parsed.edges {
      builder.connect(NodeID(Int(edge.source)), to: NodeID(Int(edge.target)))
    }
    return builder.build()
  }

  private static func add(
    recognized node: ParsedDOT.Node, in parsed: ParsedDOT, to builder: inout ObservedGraphBuilder
  ) {
    let context = node.context < 0 ? "" : parsed.contexts[Int(node.context)]
    let found = LabelRecognizer.recognize(label: node.title, name: node.name, context: context)
    var observed = ObservedNode(
      kind: found.kind, pass: found.pass, rank: found.ranks?.lowerBound,
      layer: found.layers.flatMap { $0.count == 1 ? $0.lowerBound : nil },
      microbatch: found.microbatch)
    if let ranks = found.ranks, ranks.upperBound > ranks.lowerBound {
      observed.lastRank = ranks.upperBound
    }
    observed.operation = found.operation
    observed.family = found.family
    let id = builder.add(observed, named: node.name, label: node.title)
    for coordinate in found.coordinates {
      builder.place(id, axis: coordinate.axis, index: coordinate.index)
    }
  }
}
