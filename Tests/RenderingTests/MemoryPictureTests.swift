import Graph
import Lowering
import Memory
import Model
import Parallelism
import Testing
import Units

@testable import Rendering

@Suite("Pictures of memory") struct MemoryPictureTests {
  private func picture(
    stages: Int = 2, capacity: Bytes = .gibibytes(80), nodeLimit: Int = 8000
  ) throws -> MemoryPicture {
    let configuration = StepConfiguration(sequenceLength: 1024, microbatches: 4)
    let order = try configuration.schedule.order(ranks: stages, microbatches: 4)
    let graph = try StepGraph(
      lowering: TransformerModel(named: "llama-3-8b"),
      under: ParallelPlan(tensor: 2, pipeline: stages), as: configuration, order: order)
    let timelines = graph.programs.map { program in
      let order = OperationTimes(launchOrderOf: program.operations.count)
      return MemoryTimeline(
        of: program, in: graph,
        times: OperationTimes(
          starts: order.starts.map { $0 * 1_000_000 },
          finishes: order.finishes.map { $0 * 1_000_000 }))
    }
    let end = timelines.flatMap { $0.changes.map(\.time) }.max() ?? 0
    return MemoryPicture(
      stages: timelines, capacity: capacity, stepTime: Ticks(end),
      title: PictureTitle(subject: "Memory", model: "llama-3-8b", plan: "TP2-PP\(stages)"),
      nodeLimit: nodeLimit)
  }

  @Test("every owner at a peak is named, and every stage says its peak")
  func names() throws {
    let picture = try picture()
    let text = try picture.drawing().svg().replacing("&#45;", with: "-")
    for stage in picture.stages {
      let breakdown = stage.peak.breakdown
      #expect(text.contains("peak \(breakdown.total) at "))
      for owner in breakdown.owners { #expect(text.contains(">\(owner.label)<")) }
    }
    #expect(text.contains("usable memory, 80.0 GiB"))
    #expect(!text.contains("too much"))
  }

  @Test("what does not fit rises above the line of what there is")
  func overflow() throws {
    let text = try picture(capacity: .gibibytes(20)).drawing().svg()
    #expect(text.contains("class=\"node capacity\""))
    #expect(text.contains(" too much at "))
  }

  @Test("a capacity far above the peak does not flatten the picture")
  func distantCapacity() throws {
    let text = try picture(capacity: .gibibytes(1000)).drawing().svg()
    #expect(!text.contains("class=\"node capacity\""))
  }

  @Test("owners, stacked, reach the peak")
  func stack() {
    #expect(Set(MemoryOwner.stack) == Set(MemoryOwner.allCases))
    #expect(MemoryOwner.stack.count == MemoryOwner.allCases.count)
    #expect(Set(MemoryOwner.allCases.map(\.color)).count == MemoryOwner.allCases.count)
  }

  @Test("the steps in time become coarser when stages are many", arguments: [1, 2, 8])
  func limit(stages: Int) throws {
    let drawing = try picture(stages: stages, nodeLimit: 2000).drawing()
    #expect(drawing.nodes.count < 2600)
  }

  @Test("the same memory is the same picture")
  func determinism() throws {
    #expect(try picture().drawing().svg() == picture().drawing().svg())
  }
}
