import Units

extension AuditReport {
  /// The report in Markdown; the same graph gives the same bytes.
  public var markdown: String {
    let chapters = [title, summary, issues, corrections, numbers, conclusion]
    return chapters.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var verdict: String { isCorrect ? "CORRECT" : "INCORRECT" }

  private var name: String { "\(subject.plan) configuration of \(Self.escaped(subject.model))" }

  private static func escaped(_ text: String) -> String { escapedMarkdown(text) }

  private var title: String {
    "# DAG Analysis Report for \(Self.escaped(subject.model)) on \(subject.plan)\n"
  }

  private var summary: String {
    var text = "## Executive Summary\n\n"
    if isCorrect {
      text += "The DAG holds everything that the \(name) implies, and nothing else: "
      text += "\(grouped(nodeCount)) nodes and \(grouped(edgeCount)) edges.\n"
    } else {
      let chapters = FindingFamily.allCases.filter { !findings(in: $0).isEmpty }
      text += "The DAG has \(findings.count) problems of \(chapters.count) kinds that need to be "
      text += "addressed before it can be considered correct for the \(name). It has "
      text +=
        "\(grouped(nodeCount)) nodes and \(grouped(edgeCount)) edges; the step needs at least "
      text += "\(grouped(expectedNodeCount)) nodes.\n"
    }
    text += "\n- Plan: \(subject.plan) = \(subject.grids)\n- Step: \(subject.step)\n"
    for note in notes { text += "- Note: \(note)\n" }
    return text
  }

  private var issues: String {
    guard !isCorrect else { return "" }
    var text = "## Issues Identified\n"
    var number = 0
    for family in FindingFamily.allCases {
      let findings = findings(in: family)
      guard !findings.isEmpty else { continue }
      number += 1
      text += "\n### \(number). \(family.title) ❌\n\n**Issue**: \(family.issue)\n\n**Problems**:\n"
      for finding in findings { text += "- \(finding.markdown)\n" }
      text += "\n**Required Fix**: \(family.fix)\n"
      // What an action repairs is listed with the actions.
      var seen = Set<String>()
      for finding in findings where finding.action == nil && seen.insert(finding.fix).inserted {
        text += "- \(finding.fix)\n"
      }
    }
    return text
  }

  private var corrections: String {
    guard !isCorrect else { return "" }
    return "## Corrective Actions Required\n"
      + list("Critical Nodes to Add", actions.filter { !$0.isCommunication })
      + list("Communication Patterns to Add", actions.filter(\.isCommunication))
  }

  private func list(_ title: String, _ actions: [CorrectiveAction]) -> String {
    guard !actions.isEmpty else { return "" }
    return "\n### \(title):\n\n"
      + actions.enumerated().map { "\($0 + 1). **\($1.title)**: \($1.detail)\n" }.joined()
  }

  private var numbers: String {
    "## Found and Expected\n\n" + tables.map(\.markdown).joined(separator: "\n")
  }

  private var conclusion: String {
    let sentence =
      isCorrect
      ? "The current DAG is **CORRECT**: it represents the \(name) completely."
      : "The current DAG is **INCORRECT** and requires revision to represent the \(name)."
    return "## Conclusion\n\n\(sentence)\n"
  }
}

extension Finding {
  /// One line of the list of problems.
  var markdown: String {
    var text = "\(problem) (found: \(found); expected: \(expected))"
    if !places.isEmpty {
      text += "; at " + places.joined(separator: "; ")
      if placeCount > places.count { text += "; and \(grouped(placeCount - places.count)) more" }
    }
    return text
  }
}
