import Cost
import Graph
import Hardware
import Parallelism
import Simulation
import TestGraphs
import Testing
import Units

@Suite("contention")
struct ContentionTests {
  /// One GPU per domain, so that all communication takes the network.
  private func links(
    nic: Double, domainSize: Int = 1, nics: Int = 1, tree: FatTree = .nonBlocking
  ) -> MachineLinks {
    MachineLinks(domainSize: domainSize, port: 1e12, nics: nics, nic: nic, tree: tree)
  }

  /// Every communication of the step moves the same bytes; kernels share what is given.
  private func sharing(
    _ graph: StepGraph, links: MachineLinks, bytes: Double, kernel: SharedKernel? = nil,
    memoryShare: Double = 0
  ) -> StepSharing {
    StepSharing(
      links: links,
      traffic: graph.works.map { work in
        switch work {
        case .transfer: Traffic(bytes: bytes, pattern: .message)
        case .collective: Traffic(bytes: bytes, pattern: .ring)
        default: nil
        }
      },
      kernels: graph.works.map { work in
        if case .memoryBound = work { return kernel }
        return nil
      }, memoryShare: memoryShare)
  }

  @Test("where nothing is short, every node ends as without contention, on 2,000 random steps")
  func plenty() throws {
    for seed in 0..<2000 {
      let step = RandomStep(seed: seed)
      let sharing = sharing(step.graph, links: links(nic: 1e30), bytes: 1)
      let expected = try EventDrivenExecutor(step.graph, costs: step.costs).run().finishes
      let found = try EventDrivenExecutor(step.graph, costs: step.costs, sharing: sharing).run()
      let isEqual = found.finishes == expected
      #expect(isEqual, "seed \(seed)")
    }
  }

  /// Messages of 1 kB in 1 µs each from ranks of stage 0 to their peers in stage 1.
  private func messages(_ plan: ParallelPlan) -> StepSketch {
    var sketch = StepSketch(plan)
    sketch.message([1_000_000], from: 0, to: 1)
    return sketch
  }

  @Test("two messages through one NIC take twice as long, three thrice", arguments: 1...4)
  func sharedNIC(senders: Int) throws {
    let sketch = messages(ParallelPlan(tensor: senders, pipeline: 2))
    let links = links(nic: 1e9, domainSize: senders)
    let sharing = sharing(sketch.graph, links: links, bytes: 1000)
    let timeline = try EventDrivenExecutor(
      sketch.graph, costs: sketch.costs(), sharing: sharing
    ).run()
    #expect(timeline.finishes.allSatisfy { $0 == Int64(senders) * 1_000_000 })
  }

  @Test("oversubscribed uplinks slow what leaves a leaf by their ratio", arguments: [1, 2, 4])
  func oversubscription(ratio: Int) throws {
    let sketch = messages(ParallelPlan(tensor: 4, pipeline: 2))
    let tree = FatTree(domainsPerLeaf: 4, oversubscription: Double(ratio))
    let sharing = sharing(sketch.graph, links: links(nic: 1e9, tree: tree), bytes: 1000)
    let timeline = try EventDrivenExecutor(
      sketch.graph, costs: sketch.costs(), sharing: sharing
    ).run()
    #expect(timeline.makespan == Ticks(Int64(ratio) * 1_000_000))
  }

  @Test("a message that joins halfway leaves the first half of the link until it is done")
  func joining() throws {
    // Both leave rank 0; the second starts at 0.5 µs.
    var sketch = StepSketch(ParallelPlan(pipeline: 3))
    let delay = sketch.kernel(500_000, on: 1)
    sketch.message([1_000_000], from: 0, to: 2)
    sketch.message([1_000_000], from: 1, to: 2, sendAfter: [delay])
    let sharing = sharing(sketch.graph, links: links(nic: 1e9), bytes: 1000)
    let timeline = try EventDrivenExecutor(
      sketch.graph, costs: sketch.costs(), sharing: sharing
    ).run()
    // Into rank 2: 0.5 µs alone, 1 µs at half speed each, then 0.5 µs alone.
    #expect(timeline.finish(rank: 0, operation: 0) == Instant(1_500_000))
    #expect(timeline.finish(rank: 1, operation: 1) == Instant(2_000_000))
  }

  @Test("a kernel slows down while its rank communicates, and only then")
  func squeezedKernel() throws {
    var sketch = StepSketch(ParallelPlan(tensor: 2))
    sketch.kernel(1_000_000)
    sketch.collective([300_000], over: .tensor)
    let kernel = SharedKernel(duration: 1, compute: 1, memory: 0.5, squeezedCompute: 2)
    let sharing = sharing(sketch.graph, links: links(nic: 1e30), bytes: 1, kernel: kernel)
    let timeline = try EventDrivenExecutor(
      sketch.graph, costs: sketch.costs(), sharing: sharing
    ).run()
    // Half speed for 0.3 µs.
    #expect(timeline.finish(rank: 0, operation: 0) == Instant(1_150_000))
    #expect(timeline.finish(rank: 0, operation: 1) == Instant(300_000))
  }

  @Test("a memory-bound kernel keeps the share of memory bandwidth that communication leaves")
  func memory() {
    let kernel = SharedKernel(duration: 1, compute: 0.2, memory: 1, squeezedCompute: 0.3)
    #expect(kernel.pace(memoryTaken: 0) == 1)
    #expect(abs(kernel.pace(memoryTaken: 0.25) - 0.75) < 1e-12)
  }

  @Test("contention never lets a node of an unblocked pipeline end earlier, on 500 random steps")
  func neverFaster() throws {
    for seed in 0..<500 {
      let step = RandomStep(seed: seed)
      let kernel = SharedKernel(duration: 1, compute: 1, memory: 0.5, squeezedCompute: 1.5)
      let sharing = sharing(step.graph, links: links(nic: 1e12), bytes: 20, kernel: kernel)
      let alone = try EventDrivenExecutor(step.graph, costs: step.costs).run().finishes
      let shared = try EventDrivenExecutor(step.graph, costs: step.costs, sharing: sharing).run()
      // Streams keep their order, so there are no anomalies.
      #expect(zip(alone, shared.finishes).allSatisfy { $0 <= $1 }, "seed \(seed)")
    }
  }
}
