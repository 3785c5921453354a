/// The verdict on a DAG, with every reason for it.
public struct AuditReport: Hashable, Sendable, Codable {
  /// What was audited against what, for example the model and the plan.
  public let subject: AuditSubject
  /// Nodes and edges of the graph.
  public let nodeCount: Int
  public let edgeCount: Int
  /// Nodes that the step needs at least.
  public let expectedNodeCount: Int
  /// Everything wrong, chapter by chapter.
  public let findings: [Finding]
  /// How the graph was read where the plan leaves a choice open.
  public let notes: [String]
  public let tables: [AuditTable]

  /// Whether everything that model and plan imply is in the graph, and nothing else.
  public var isCorrect: Bool { findings.isEmpty }

  /// The findings of one chapter.
  public func findings(in family: FindingFamily) -> [Finding] {
    findings.filter { $0.family == family }
  }

  /// The corrective actions, each once, in the order of the findings that ask for them.
  public var actions: [CorrectiveAction] {
    var seen = Set<String>()
    return findings.compactMap(\.action).filter { seen.insert($0.title).inserted }
  }
}

/// What an audit holds a graph against.
public struct AuditSubject: Hashable, Sendable, Codable {
  public let model: String
  /// The plan as written, for example `EP8-TP4-PP2-DP4`.
  public let plan: String
  /// Both readings of the plan in full.
  public let grids: String
  public let step: String
}
