import Graph
import Lowering
import Memory
import Model
import Parallelism
import Testing
import Units

@Suite("memory over time")
struct MemoryTimelineTests {
  private func timelines(
    _ plan: ParallelPlan, of name: String = "llama-3-8b", sequence: Int = 1024,
    microbatches: Int = 4, schedule: PipelineSchedule = .oneForwardOneBackward,
    adjust: (inout StepConfiguration) -> Void = { _ in }
  ) throws -> [MemoryTimeline] {
    let graph = try loweredGraph(
      name, plan, sequence: sequence, microbatches: microbatches, schedule: schedule,
      adjust: adjust)
    return graph.programs.map { MemoryTimeline(of: $0, in: graph) }
  }

  @Test(
    "everything taken is given back, nobody holds less than nothing, and the peak is a moment",
    arguments: [
      ParallelPlan(tensor: 2, pipeline: 2), ParallelPlan(context: 2, pipeline: 4),
      ParallelPlan(tensor: 2, expert: 2, data: 2),
    ])
  func conservation(plan: ParallelPlan) throws {
    let name = plan.expert > 1 ? "qwen3-30b-a3b" : "llama-3-8b"
    for timeline in try timelines(plan, of: name) {
      var held = timeline.base
      var most = held.total
      var last = Int64.min
      for change in timeline.changes {
        #expect(change.time >= last)
        // Within one time, order means nothing.
        if change.time > last {
          for owner in MemoryOwner.allCases { #expect(held[owner] >= .zero) }
          most = max(most, held.total)
        }
        held[change.owner] += Bytes(change.count)
        last = change.time
      }
      #expect(held == timeline.base)
      #expect(most == timeline.peak.breakdown.total)
      #expect(timeline.most { _ in true } == most)
    }
  }

  @Test("samples hold the peak, however many there are", arguments: [1, 7, 100])
  func samples(parts: Int) throws {
    let timeline = try timelines(ParallelPlan(tensor: 2, pipeline: 2))[0]
    let end = timeline.changes.last?.time ?? 0
    let samples = timeline.samples(parts, over: 0..<end + 1)
    #expect(samples.count == parts)
    #expect(samples.map(\.total).max() == timeline.peak.breakdown.total)
  }

  @Test("owners at the peak come largest first and add up to it")
  func owners() throws {
    let breakdown = try timelines(ParallelPlan(tensor: 2, pipeline: 2))[1].peak.breakdown
    let sizes = breakdown.owners.map { breakdown[$0] }
    #expect(sizes == sizes.sorted(by: >))
    #expect(sizes.reduce(.zero, +) == breakdown.total)
  }

  @Test("full recomputation keeps inputs of layers and brings back one layer at a time")
  func fullRecomputation() throws {
    let plan = ParallelPlan(tensor: 2, pipeline: 2)
    let plain = try timelines(plan)[0]
    let again = try timelines(plan) { $0.recomputation = .uniform(interval: 1) }[0]
    let tokens = 1024
    let checkpoint = tokens * 4096 * 2 / 2
    let layer = plain.most(where: \.isActivation).count / (2 * 16)
    let expected = 2 * 16 * checkpoint + layer - checkpoint
    let found = again.most(where: \.isActivation).count
    // The tokens of the embedding come on top.
    #expect(abs(Double(found) / Double(expected) - 1) < 0.01)
  }

  @Test("the more is computed again, the less is held at the peak")
  func selectiveRecomputation() throws {
    let plan = ParallelPlan(tensor: 2, pipeline: 2)
    let choices: [Recomputation] = [
      .none, .selective([.layerNorm]), .selective([.layerNorm, .feedForward]),
      .block(layers: 16),
    ]
    let peaks = try choices.map { choice in
      try timelines(plan) { $0.recomputation = choice }[0].peak.breakdown.total
    }
    #expect(peaks == peaks.sorted(by: >))
  }

  @Test("ZeRO-3 holds a layer or two, and the head around the loss, on top of its shards")
  func gatheredParameters() throws {
    let timeline = try timelines(ParallelPlan(data: 8), sequence: 128, microbatches: 1) {
      $0.sharding = .parameters
    }[0]
    let layer = 2 * (2 * 4096 * 4096 + 2 * 4096 * 1024 + 3 * 4096 * 14_336 + 2 * 4096)
    let vocabulary = 2 * 128_256 * 4096
    let gathered = timeline.most { $0 == .gatheredParameters }.count
    #expect(gathered >= 2 * layer && gathered <= 2 * vocabulary + layer)
    #expect(timeline.base[.parameters].count <= 2 * 8_030_261_248 / 8 + 1000)
    #expect(timeline.base[.gradientPlaceholders] == .zero)
  }

  @Test("the host takes activations off the device")
  func offload() throws {
    let plan = ParallelPlan(tensor: 2, pipeline: 2)
    let plain = try timelines(plan)[0]
    let offloaded = try timelines(plan) { $0.activationOffloadLayers = 8 }[0]
    #expect(offloaded.most(where: \.isActivation) < plain.most(where: \.isActivation))
    #expect(offloaded.peak.breakdown.total < plain.peak.breakdown.total)
    #expect(offloaded.most { $0 == .communication } > plain.most { $0 == .communication })
  }

  @Test("logits take four bytes and two more at the loss, fused only two")
  func logits() throws {
    let plan = ParallelPlan(tensor: 2)
    let tokens = 1024
    let one = tokens * 128_256 / 2
    let head = 2 * 4096 * 128_256 / 2
    for (isFused, width) in [(false, 6), (true, 2)] {
      let timeline = try timelines(plan, microbatches: 1) { $0.fusesCrossEntropy = isFused }[0]
      // The head's input and the stand-in for its gradient come on top.
      let found = timeline.most { $0 == .logits }.count
      let without = isFused ? 2 * one + head : max(width * one, 2 * one + head)
      #expect(abs(found - without) < 32 << 20)
    }
  }

  @Test("weight gradients of their own keep the gradients of outputs until they have run")
  func splitBackward() throws {
    let plan = ParallelPlan(pipeline: 4)
    let whole = try timelines(plan, microbatches: 8)[3]
    let split = try timelines(plan, microbatches: 8, schedule: .zeroBubbleH2)[3]
    #expect(split.most { $0 == .workspace } > whole.most { $0 == .workspace })
  }

  @Test("times of other streams change when the peak is, not what must be held")
  func times() throws {
    let graph = try loweredGraph("llama-3-8b", ParallelPlan(pipeline: 2), microbatches: 2)
    let program = graph.programs[0]
    let order = OperationTimes(launchOrderOf: program.operations.count)
    let slow = OperationTimes(
      starts: order.starts.map { 3 * $0 }, finishes: order.finishes.map { 3 * $0 })
    let first = MemoryTimeline(of: program, in: graph, times: order)
    let second = MemoryTimeline(of: program, in: graph, times: slow)
    #expect(second.peak.time == 3 * first.peak.time)
    #expect(second.peak.breakdown == first.peak.breakdown)
  }
}
