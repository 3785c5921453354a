import Graph
import Model
import Parallelism
import Testing
import Units

@testable import Lowering

@Suite("invariants of every lowered graph")
struct InvariantTests {
  /// A small model with everything that the flagship has.
  static let mixture = TransformerModel(
    name: "tiny-moe", family: "qwen3_moe", hiddenSize: 64, vocabularySize: 512,
    maximumPositions: 4096,
    layers: Array(
      repeating: TransformerLayer(
        attention: .groupedQuery(
          GroupedQueryAttention(
            heads: 8, keyValueHeads: 4, headDimension: 16, hasQueryKeyNorm: true)),
        feedForward: .experts(MixtureOfExperts(experts: 8, topK: 2, intermediateSize: 32))),
      count: 8))

  static let plans: [ParallelPlan] = {
    var plans: [ParallelPlan] = []
    for tensor in [1, 2, 4] {
      for pipeline in [1, 2, 4] {
        for virtual in pipeline > 1 ? [1, 2] : [1] {
          for data in [1, 2, 4] {
            for expert in [1, 2, 4] {
              for expertTensor in [1, tensor] where tensor * data % (expert * expertTensor) == 0 {
                plans.append(
                  ParallelPlan(
                    tensor: tensor, pipeline: pipeline, virtualPipeline: virtual, expert: expert,
                    expertTensor: expertTensor, data: data))
              }
            }
          }
        }
      }
    }
    return plans
  }()

  @Test("graphs hold their invariants and conserve FLOPs over every small plan", arguments: plans)
  func everySmallPlan(plan: ParallelPlan) throws {
    for schedule in [PipelineSchedule.oneForwardOneBackward, .gpipe]
    where schedule != .gpipe || plan.virtualPipeline == 1 {
      let configuration = StepConfiguration(
        sequenceLength: 128, microbatches: 4, schedule: schedule)
      let graph = try lower(Self.mixture, plan, configuration)
      try graph.validate()
      #expect(abs(forwardFLOPs(of: graph) / expectedForwardFLOPs - 1) < 1e-12)
    }
  }

  /// Forward FLOPs of one data-parallel replica: every tensor-parallel rank does the same.
  private func forwardFLOPs(of graph: StepGraph) -> Double {
    let operations = graph.programs.flatMap(\.operations).filter { $0.pass == .forward }
    return Double(graph.grid.plan.tensor)
      * operations.reduce(0) { $0 + graph.works[$1.work].flops.count }
  }

  /// Two per weight and token, and half of the attention's square, whatever the plan.
  private var expectedForwardFLOPs: Double {
    let projections = 2 * 64 * (8 * 16 * 2 + 2 * 4 * 16)
    let core = 2 * 128 * 8 * 16
    let router = 2 * 64 * 8
    let experts = 2 * 2 * 3 * 64 * 32
    let head = 2 * 64 * 512
    let perToken: Int = 8 * (projections + core + router + experts) + head
    return Double(128 * 4 * perToken)
  }

  @Test("each forward collective has its dual in the backward")
  func duals() throws {
    let graph = try Flagship.graph()
    let calls = graph.collectives(stage: 0).filter { $0.operation.layer == 3 }
    let dual: [CollectiveOperation: CollectiveOperation] = [
      .allGather: .reduceScatter, .reduceScatter: .allGather, .allToAll: .allToAll,
    ]
    for call in calls where call.operation.pass == .forward {
      let backward = calls.filter {
        $0.operation.kind == call.operation.kind && $0.operation.pass == .inputGradient
      }
      if [.routerCountReduce, .tokenCountGather].contains(call.operation.kind) {
        #expect(backward.isEmpty)
      } else {
        #expect(backward.map(\.work.operation) == [dual[call.work.operation]])
        #expect(backward.first?.work.input == call.work.output)
      }
    }
  }

  @Test("gradient reductions wait for the last microbatch's weight gradients of their bucket only")
  func reductionDependencies() throws {
    let graph = try Flagship.graph(microbatches: 3)
    for program in graph.programs {
      for (index, operation) in program.operations.enumerated()
      where operation.kind == .gradientReduce || operation.kind == .expertGradientReduce {
        let needed = program.dependencies(of: index).map { program.operations[Int($0)] }
        #expect(!needed.isEmpty)
        #expect(needed.allSatisfy { $0.microbatch == 2 && $0.pass != .forward })
      }
    }
  }

  @Test("weight gradients of successive microbatches form a chain")
  func accumulation() throws {
    let graph = try Flagship.graph(microbatches: 3)
    let program = graph.programs[0]
    for (index, operation) in program.operations.enumerated()
    where operation.pass == .weightGradient && operation.stream == .compute {
      let previous = program.dependencies(of: index).map { program.operations[Int($0)] }.filter {
        $0.kind == operation.kind && $0.pass == .weightGradient && $0.stream == .compute
      }
      #expect(
        previous.map(\.microbatch) == (operation.microbatch == 0 ? [] : [operation.microbatch! - 1])
      )
    }
  }
}
