import Audit
import Graph
import Model
import Parallelism
import Testing

/// A small step with a strategy, and the operations that the strategy adds to it.
struct StrategyCase: CustomTestStringConvertible {
  let sample: Sample
  /// Kinds to examine beside those that a step without the strategy has in another number.
  var further: [OperationKind] = []

  var testDescription: String { sample.name }

  /// The operations that the strategy adds, removes or changes in number, by kind and pass.
  func added() throws -> [OperationClass] {
    var plain = StepConfiguration(
      sequenceLength: sample.step.sequenceLength, microbatches: sample.step.microbatches)
    plain.layout = sample.step.layout
    let base = Sample(name: "plain", model: sample.model, plan: sample.plan, step: plain)
    let before = OperationClass.census(
      of: sample.plan.virtualPipeline > 1 ? nil : try base.observed())
    let after = OperationClass.census(of: try sample.observed())
    return OperationClass.all.filter { operation in
      // What a report says and when is left open.
      guard operation.kind != .lossReportReduce else { return false }
      guard let count = after[operation] else { return false }
      return count != before[operation] || further.contains(operation.kind)
    }
  }
}

/// Operations of one kind and pass.
struct OperationClass: Hashable {
  let kind: OperationKind
  let pass: OperationPass

  static let all = OperationKind.allCases.flatMap { kind in
    OperationPass.allCases.map { OperationClass(kind: kind, pass: $0) }
  }

  func holds(_ node: ObservedNode) -> Bool { node.kind == kind && node.pass == pass }

  static func census(of graph: ObservedGraph?) -> [OperationClass: Int] {
    var census: [OperationClass: Int] = [:]
    for node in graph?.nodes ?? [] {
      if let kind = node.kind, let pass = node.pass {
        census[OperationClass(kind: kind, pass: pass), default: 0] += 1
      }
    }
    return census
  }
}

@Suite("mutations of what a strategy adds are found and named")
struct StrategyMutationTests {
  static let cases: [StrategyCase] = Sample.mutated

  private func check(_ mutation: Mutation, of sample: Sample, _ graph: ObservedGraph) {
    let report = sample.audit.examine(mutation.apply(graph))
    #expect(!report.isCorrect, "\(sample.name): \(mutation)")
    let text = report.findings.map(\.summary).joined(separator: "\n")
    for mention in mutation.mentions {
      #expect(text.contains(mention), "\(sample.name): \(mutation) lacks \(mention): \(text)")
    }
  }

  @Test("nodes that are left out or doubled", arguments: cases)
  func counts(strategy: StrategyCase) throws {
    let graph = try strategy.sample.observed()
    for operation in try strategy.added() {
      check(.dropping(operation.kind, operation.pass), of: strategy.sample, graph)
      check(.droppingLast(operation, in: graph), of: strategy.sample, graph)
      check(.duplicatingLast(operation), of: strategy.sample, graph)
    }
  }

  @Test("collectives of another size, group or operation", arguments: cases)
  func collectives(strategy: StrategyCase) throws {
    let graph = try strategy.sample.observed()
    for operation in try strategy.added() {
      guard graph.first(where: { operation.holds($0) && $0.operation != nil }) != nil else {
        continue
      }
      for mutation in Mutation.changes(of: operation, in: graph) {
        check(mutation, of: strategy.sample, graph)
      }
    }
  }

  @Test("dependencies that are cut, into what is added and out of it", arguments: cases)
  func dependencies(strategy: StrategyCase) throws {
    let graph = try strategy.sample.observed()
    // Lookups wait for nothing but gathered parameters, for which others wait too.
    let lookup = OperationClass(kind: .embeddingLookup, pass: .forward)
    for operation in try strategy.added() where operation != lookup {
      for mutation in Mutation.cuts(of: operation, in: graph) {
        check(mutation, of: strategy.sample, graph)
      }
    }
  }
}
