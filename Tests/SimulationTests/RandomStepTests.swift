import Cost
import Graph
import Lowering
import Model
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

/// Thousands of steps, each of a random model, plan and set of options, held against closed forms.
@Suite("random legal steps")
struct RandomStepTests {
  /// A test's argument is the first of so many seeds.
  private static let seedsPerCase = 50

  @Test(
    "every step is sound, ends, and does the work and the traffic that model and plan imply",
    arguments: 0..<40)
  func step(block: Int) throws {
    for seed in block * Self.seedsPerCase..<(block + 1) * Self.seedsPerCase {
      let test = try RandomCase(seed: seed)
      #expect(test.configuration.optionViolations(of: test.model, under: test.plan).isEmpty)
      let graph = try StepGraph(
        lowering: test.model, under: test.plan, as: test.configuration, order: test.order)
      try graph.validate()
      _ = try EventDrivenExecutor(graph, costs: costs(of: graph, seed: seed)).run()
      expectWork(of: graph, test, seed: seed)
      expectTraffic(of: graph, test, seed: seed)
      expectReductions(of: graph, test, seed: seed)
    }
  }

  /// A few picoseconds for every distinct work.
  private func costs(of graph: StepGraph, seed: Int) -> StepCosts {
    var random = SeededGenerator(seed: seed)
    return StepCosts(
      durations: graph.works.map { _ in Ticks(.random(in: 0...9, using: &random)) },
      offset: Array(graph.works.indices),
      isPerGroup: Array(repeating: false, count: graph.works.count))
  }

  private func expectWork(of graph: StepGraph, _ test: RandomCase, seed: Int) {
    let expected = ExpectedWork(test)
    let flops = graph.works.map(\.flops.count)
    var found = [Double](repeating: 0, count: OperationPass.allCases.count)
    for program in graph.programs {
      for operation in program.operations where flops[operation.work] > 0 {
        found[Int(operation.pass.rawValue)] += flops[operation.work]
      }
    }
    for pass in OperationPass.allCases {
      let sum = found[Int(pass.rawValue)] * Double(test.plan.stageSize)
      let flops = expected.flops(of: pass)
      #expect(abs(sum - flops) <= 1e-9 * flops, "seed \(seed) \(pass): \(test)")
    }
  }

  private func expectTraffic(of graph: StepGraph, _ test: RandomCase, seed: Int) {
    var sent: [OperationKind: Int] = [:]
    var dispatched = 0
    for program in graph.programs {
      for operation in program.operations {
        switch operation.kind {
        case .sendActivation, .sendGradient:
          guard case .transfer(let bytes) = graph.works[operation.work] else { continue }
          sent[operation.kind, default: 0] += bytes.count * test.plan.stageSize
        case .tokenDispatch where operation.pass == .forward:
          guard case .collective(let collective) = graph.works[operation.work] else { continue }
          dispatched += collective.input.count * test.plan.stageSize
        default: break
        }
      }
    }
    let expected = ExpectedTraffic(test)
    #expect(sent[.sendActivation, default: 0] == expected.messages, "seed \(seed): \(test)")
    #expect(sent[.sendGradient, default: 0] == expected.messages, "seed \(seed): \(test)")
    #expect(dispatched == expected.dispatched, "seed \(seed): \(test)")
  }

  /// Every gradient is reduced once, or once per microbatch where only shards are kept.
  private func expectReductions(of graph: StepGraph, _ test: RandomCase, seed: Int) {
    let copies = test.configuration.copies
    // Both copies of the model share the embedding of a rank, which either may reduce.
    guard copies == 1 || test.configuration.sharding != .parameters else { return }
    for program in graph.programs {
      let parameters = ExpectedTraffic(test).parameters(ofRank: program.pipelineRank)
      let held = program.storage.parameters
      #expect(
        held.reduce(0) { $0 + $1.elements } == parameters.reduce(0) { $0 + $1.dense + $1.expert })
      for isExpert in [false, true] {
        let replicas =
          (isExpert ? test.plan.expertData : test.plan.data * test.plan.context) * copies
        let times =
          test.configuration.sharding.shardsGradients ? test.order.microbatches / copies : 1
        let elements = parameters.reduce(0) { $0 + (isExpert ? $1.expert : $1.dense) }
        let reduced = graph.reducedBytes(program, isExpert: isExpert)
        let shards = test.configuration.shards(ofExpert: isExpert, under: test.plan)
        let isReduced =
          replicas > 1 && (!test.configuration.sharding.shardsOptimizer || shards > 1)
        let least = isReduced ? 4 * elements * times : 0
        let tensors = parameters.reduce(0) { $0 + $1.tensors }
        let most = least == 0 ? 0 : least + 4 * times * (64 * tensors + 2 * replicas * 128)
        let isPadded = test.configuration.sharding.shardsOptimizer
        #expect(
          (least...(isPadded ? most : least)).contains(reduced), "seed \(seed): \(test)")
      }
    }
  }
}

extension StepGraph {
  /// What one rank passes to reductions of whole gradients, shards' copies apart.
  fileprivate func reducedBytes(_ program: StageProgram, isExpert: Bool) -> Int {
    let kind: OperationKind = isExpert ? .expertGradientReduce : .gradientReduce
    var sum = 0
    for operation in program.operations where operation.kind == kind {
      guard case .collective(let collective) = works[operation.work] else { continue }
      switch collective.family.unmirrored {
      case .replica, .expertReplica: continue
      default: sum += collective.input.count
      }
    }
    return sum
  }
}
