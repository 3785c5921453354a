import Audit
import Graph
import Parallelism
import Testing

@Suite("every single mutation is found and named")
struct MutationTests {
  private func check(_ mutation: Mutation, of sample: Sample, _ graph: ObservedGraph) {
    let report = sample.audit.examine(mutation.apply(graph))
    #expect(!report.isCorrect, "\(sample.name): \(mutation)")
    let text = report.findings.map(\.summary).joined(separator: "\n")
    for mention in mutation.mentions {
      #expect(
        text.contains(mention), "\(sample.name): \(mutation) does not say \(mention): \(text)")
    }
    #expect(report.markdown.contains("**INCORRECT**"))
  }

  @Test("each kind and pass that is left out is missed", arguments: [Sample.moe, .dense])
  func droppedKinds(sample: Sample) throws {
    let graph = try sample.observed()
    var pairs = Set<[UInt8]>()
    for node in graph.nodes {
      guard let kind = node.kind, let pass = node.pass else { continue }
      guard pairs.insert([kind.rawValue, pass.rawValue]).inserted else { continue }
      check(.dropping(kind, pass), of: sample, graph)
    }
    #expect(pairs.count > 50)
  }

  @Test("one node that is left out is missed, with its rank", arguments: [Sample.moe, .dense])
  func droppedNodes(sample: Sample) throws {
    let graph = try sample.observed()
    for (kind, rank) in [
      (OperationKind.queryKeyValue, 1), (.attentionResidual, 0), (.attentionScatter, 1),
      (.finalNorm, sample.plan.stageSize), (.head, sample.plan.stageSize + 1), (.optimizer, 2),
      (.gradientReduce, 3), (.embeddingLookup, 0), (.sendActivation, 1),
    ] { check(.droppingOne(kind, rank: rank), of: sample, graph) }
  }

  @Test("ranks, layers and microbatches that are left out are missed")
  func droppedPlaces() throws {
    let graph = try Sample.moe.observed()
    for mutation in [
      Mutation.droppingRank(0), .droppingRank(5), .droppingRank(15), .droppingLayer(0),
      .droppingLayer(3), .droppingMicrobatch(0), .droppingMicrobatch(1),
    ] { check(mutation, of: .moe, graph) }
  }

  @Test("edges that are left out are missed", arguments: [Sample.moe, .dense])
  func cutEdges(sample: Sample) throws {
    let graph = try sample.observed()
    for (source, target) in [
      (
        (OperationKind.attentionNorm, OperationPass.forward),
        (OperationKind.attentionGather, OperationPass.forward)
      ),
      ((.queryNorm, .forward), (.rotary, .forward)),
      ((.attention, .forward), (.outputProjection, .forward)),
      ((.attentionResidual, .forward), (.feedForwardResidual, .forward)),
      ((.feedForwardResidual, .forward), (.attentionResidual, .forward)),
      ((.attentionResidual, .inputGradient), (.feedForwardResidual, .inputGradient)),
      ((.loss, .inputGradient), (.head, .inputGradient)),
      ((.attentionGather, .weightGradient), (.queryKeyValue, .weightGradient)),
      ((.queryKeyValue, .weightGradient), (.queryKeyValue, .weightGradient)),
      ((.gradientNormReduce, .step), (.optimizer, .step)),
      ((.sendActivation, .forward), (.receiveActivation, .forward)),
      ((.sendGradient, .inputGradient), (.receiveGradient, .inputGradient)),
    ] { check(.cutting(source, target), of: sample, graph) }
  }

  @Test("the dispatcher's edges that are left out are missed")
  func cutExpertEdges() throws {
    let graph = try Sample.moe.observed()
    for (source, target) in [
      (OperationKind.router, OperationKind.routing), (.permute, .tokenDispatch),
      (.tokenDispatch, .expertTokenGather), (.expertUp, .expertActivation),
      (.expertActivation, .expertDown), (.expertScatter, .tokenCombine),
      (.unpermute, .feedForwardResidual),
    ] { check(.cutting((source, .forward), (target, .forward)), of: .moe, graph) }
  }

  @Test(
    "collectives with another group, operation or size are found", arguments: [Sample.moe, .dense])
  func changedCollectives(sample: Sample) throws {
    let graph = try sample.observed()
    for kind in [
      OperationKind.attentionGather, .attentionScatter, .gradientReduce, .headGather,
      .sequenceGradientReduce, .parameterGather,
    ] {
      check(
        .changing(kind, "halve the bytes", mentions: ["bytes"]) { node, _ in
          node.bytesIn = node.bytesIn.map { $0 / 2 }
        }, of: sample, graph)
      check(
        .changing(kind, "swap the group", mentions: ["WORLD"]) { node, _ in node.family = .world },
        of: sample, graph)
      check(
        .changing(kind, "swap the members", mentions: ["members"]) { node, graph in
          node.members = graph.groups.indices.first { $0 != node.members }
        }, of: sample, graph)
      check(
        .changing(kind, "swap the operation", mentions: ["broadcast"]) { node, _ in
          node.operation = .broadcast
        }, of: sample, graph)
      check(
        .changing(kind, "shift the call", mentions: ["members"]) { node, _ in
          node.instance = node.instance.map {
            CollectiveInstance(
              family: $0.family, base: Int($0.base), sequence: Int($0.sequence) + 1)
          }
        }, of: sample, graph)
    }
  }

  @Test("wrong peers and sizes of messages are found")
  func changedTransfers() throws {
    let graph = try Sample.dense.observed()
    for kind in [
      OperationKind.sendActivation, .receiveActivation, .sendGradient, .receiveGradient,
    ] {
      check(
        .changing(kind, "wrong peer", mentions: ["peer"]) { node, _ in
          node.peer = node.peer.map { $0 + 1 }
        }, of: .dense, graph)
      check(
        .changing(kind, "halve the bytes", mentions: ["bytes"]) { node, _ in
          node.bytesIn = 1
          node.bytesOut = 1
        }, of: .dense, graph)
    }
  }

  @Test("duplicates, cycles and orphans are found", arguments: [Sample.moe, .dense])
  func brokenStructure(sample: Sample) throws {
    let graph = try sample.observed()
    for mutation in [
      Mutation.duplicating(.attention), .duplicating(.optimizer), .duplicating(.finalNorm),
      .addingCycle, .addingOrphan,
    ] { check(mutation, of: sample, graph) }
  }

  @Test("a graph of another plan, model or step is not taken for this one")
  func otherPlans() throws {
    let graph = try Sample.moe.observed()
    #expect(!Sample.dense.audit.examine(graph).isCorrect)
    for sample in Sample.variety where sample.name != Sample.moe.name {
      #expect(!sample.audit.examine(graph).isCorrect, "\(sample.name)")
    }
  }
}
