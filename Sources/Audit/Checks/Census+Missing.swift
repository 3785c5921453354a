import Graph
import Parallelism
import Units

extension Census {
  /// What is missing, with kinds that are missing together told together.
  var missingFindings: [Finding] {
    let silent = silentFamilies
    var findings = silent.map(silence)
    if lacksBackward {
      findings.append(
        Finding(
          .components, about: "backward", "No backward pass: every gradient operation is missing",
          expected: "input and weight gradients of every forward operation", found: "none",
          fix: "Add the backward pass: input gradients, weight gradients and their collectives",
          action: .node("Backward Pass", "input and weight gradients of every forward operation")))
    }
    if lacksRecomputation {
      findings.append(
        Finding(
          .components, about: "recompute", "No recomputation: no forward runs again",
          expected: "the forwards that `\(reading.expected.configuration.recomputation)` drops",
          found: "none",
          fix: "Run again, before each backward that needs them, the forwards that are dropped",
          action: .node("Recomputation", "the second forward of what the first does not keep")))
    }
    for kind in OperationKind.allCases where expectedTotal(kind) > 0 {
      let families = groupFamilies(of: kind)
      if !families.isEmpty, families.allSatisfy(silent.contains) { continue }
      if foundTotal(kind) == 0 {
        findings.append(absence(of: kind))
      } else if !reading.isSample {
        findings += partialAbsence(of: kind)
      }
    }
    return findings
  }

  /// Group families whose collectives are expected and nowhere to be seen.
  var silentFamilies: [GroupFamily] {
    GroupFamily.allCases.filter { expectedCalls(of: $0) > 0 && foundCalls(of: $0) == 0 }
  }

  /// Collective calls found of a family over all ranks.
  func foundCalls(of family: GroupFamily) -> Int { calls[Int(family.rawValue)] }

  /// The families of the groups over which a kind of collective runs.
  func groupFamilies(of kind: OperationKind) -> [GroupFamily] { families[Int(kind.rawValue)] }

  private func silence(of family: GroupFamily) -> Finding {
    let kinds = OperationKind.allCases.filter {
      expectedTotal($0) > 0 && groupFamilies(of: $0).contains(family)
    }
    let names = kinds.map { "`\($0.label)`" }.joined(separator: ", ")
    return Finding(
      .communication, about: family.label, Self.silentProblem(family),
      expected: "\(grouped(expectedCalls(of: family))) calls (\(names))", found: "none",
      fix: "Add the \(family.label) collectives: \(names)",
      action: Self.action(for: family, kinds: kinds))
  }

  private static func silentProblem(_ family: GroupFamily) -> String {
    switch family {
    case .expert: "No Expert Parallel all-to-all communications (EP) shown"
    case .tensor: "No Tensor Parallel communications (TP all-gather, reduce-scatter, all-reduce)"
    case .dataContext, .data: "Missing Data Parallel gradient synchronization (\(family.label))"
    case .expertData: "Missing Data Parallel gradient synchronization of the experts (EDP)"
    default: "No communications over the \(family.label) groups"
    }
  }

  private static func action(for family: GroupFamily, kinds: [OperationKind]) -> CorrectiveAction {
    switch family {
    case .expert: OperationKind.tokenDispatch.action
    case .dataContext, .expertData: OperationKind.gradientReduce.action
    default:
      .communication(
        "\(family.label) Collectives", "all of " + kinds.map(\.label).joined(separator: ", "))
    }
  }

  private func absence(of kind: OperationKind) -> Finding {
    Finding(
      kind.family, about: kind.label, "Missing \(kind.phrase) (`\(kind.label)`)",
      expected: "\(grouped(expectedTotal(kind))) nodes", found: "none",
      fix: "Add `\(kind.label)` wherever the plan implies it", action: kind.action)
  }

  private func partialAbsence(of kind: OperationKind) -> [Finding] {
    OperationPass.allCases.compactMap { pass -> Finding? in
      let isBackward = pass == .inputGradient || pass == .weightGradient
      let row = Reading.index(kind, pass)
      guard missing[row].count > 0, !(isBackward && lacksBackward),
        !(pass == .recompute && lacksRecomputation)
      else { return nil }
      let name = "\(kind.label) \(pass.label)"
      return Finding(
        kind.family, about: kind.label,
        "\(sentenceCase(kind.phrase)) (`\(name)`) is missing in places",
        expected: "\(grouped(expectedCounts[row])) nodes",
        found: "\(grouped(reading.found(kind, pass))) nodes", at: missing[row],
        fix: "Add the missing `\(name)` nodes", action: kind.action)
    }
  }
}

/// A phrase with its first letter raised, for the start of a sentence.
func sentenceCase(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
