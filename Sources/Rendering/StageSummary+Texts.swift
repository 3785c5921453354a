import Graph
import Parallelism
import Units

extension StageSummary.Node {
  var operationClass: OperationClass {
    switch (key.block, key.direction) {
    case (.entry, _), (.exit, _): .pipeline
    case (_, .forward): .forward
    case (_, .backward): .inputGradient
    case (_, .step): .optimizer
    }
  }

  var title: String {
    switch (key.block, key.direction) {
    case (.entry, .forward): "Receive from the stage before"
    case (.entry, _): "Send to the stage before"
    case (.exit, .forward): "Send to the next stage"
    case (.exit, _): "Receive from the next stage"
    default: key.block.title
    }
  }

  /// For example `×24 layers ×8 microbatches`.
  var repetition: String {
    [(layers.count, "layers"), (microbatches.count, "microbatches")]
      .filter { $0.0 > 1 && key.direction != .step }.map { "×\($0.0) \($0.1)" }
      .joined(separator: " ")
  }

  /// How often a row occurs beyond the repetition of its block.
  func times(_ row: StageSummary.Row) -> String {
    let instances =
      key.direction == .step ? 1 : max(1, layers.count) * max(1, microbatches.count)
    if row.count == instances { return "" }
    return row.count % instances == 0 ? " ×\(row.count / instances)" : " ×\(row.count) in all"
  }
}

extension StageSummary.Edge {
  var label: String { (bytes.map { "\($0) " } ?? "") + "×\(grouped(count))" }
}

extension StageSummary {
  /// What a step-wide block waits for or is awaited by among the passes, in words.
  func note(on index: Int) -> String? {
    guard nodes[index].key.direction == .step else { return nil }
    let before = edges.filter { $0.head == index }.map { "\(name($0.tail)) ×\(grouped($0.count))" }
    let after = edges.filter { $0.tail == index }.map { "\(name($0.head)) ×\(grouped($0.count))" }
    var parts: [String] = []
    if !before.isEmpty { parts.append("after " + before.joined(separator: ", ")) }
    if !after.isEmpty { parts.append("before " + after.joined(separator: ", ")) }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private func name(_ index: Int) -> String { nodes[index].key.block.title.lowercased() }
}

extension StepGraph {
  /// What an operation does in a few characters.
  func shortTitle(of operation: Graph.Operation) -> String {
    if case .collective(let collective) = works[operation.work] {
      let axis = collective.family.label
      return "\(collective.operation.abbreviation) \(axis): \(operation.kind.title)"
    }
    return switch operation.pass {
    case .inputGradient where operation.meeting == .none: "\(operation.kind.title) dgrad"
    case .weightGradient: "\(operation.kind.title) wgrad"
    default: operation.kind.title
    }
  }
}

extension Work {
  /// The size alone: bytes moved, or floating-point work.
  var shortSummary: String {
    switch self {
    case .matrixMultiply, .groupedMatrixMultiply, .attention:
      "\(fixed(flops.count * 1e-9, flops.count < 1e10 ? 2 : 1)) GFLOP"
    case .memoryBound(let traffic): "\(traffic.bytes)"
    case .collective(let collective): "\(collective.messageSize)"
    case .transfer(let bytes): "\(bytes)"
    }
  }
}
