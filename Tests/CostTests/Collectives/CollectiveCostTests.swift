import Graph
import Hardware
import Parallelism
import Testing
import Units

@testable import Cost

@Suite("Collectives of a graph") struct CollectiveCostTests {
  @Test("are priced by nccl-tests' size: output of a gather, input of the others")
  func messageSize() {
    let gather = Collective(
      .allGather, over: .tensor, input: .mebibytes(8), output: .mebibytes(64))
    let scatter = Collective(
      .reduceScatter, over: .tensor, input: .mebibytes(64), output: .mebibytes(8))
    for collective in [gather, scatter] {
      let cost = collectiveCost(of: collective, placement: .full(8), fabric: .h100)
      let direct = collectiveCost(
        of: collective.operation, size: .mebibytes(64), placement: .full(8), fabric: .h100)
      #expect(cost == direct)
    }
  }

  @Test("unequal gathers pay a start per rank, unequal all-to-alls nothing")
  func variable() {
    func cost(_ operation: CollectiveOperation, _ isVariable: Bool) -> CollectiveCost {
      let collective = Collective(
        operation, over: .data, input: .mebibytes(64), output: .mebibytes(64),
        isVariable: isVariable)
      return collectiveCost(of: collective, placement: .full(8), fabric: .h100)
    }
    #expect(cost(.allToAll, true) == cost(.allToAll, false))
    #expect(cost(.allGather, true).time > cost(.allGather, false).time)
    let broadcast = cost(.broadcast, false)
    #expect(cost(.reduceScatter, true).latency == 8 * broadcast.latency)
    #expect(cost(.allGather, true).transfer == broadcast.transfer)
  }

  @Test("an older release may choose another way, never another time for the same way")
  func olderRelease() throws {
    let old = CollectiveFabric.reference(
      .hopper, links: 18, gigabits: 400, version: NCCLVersion(2, 18, 1))
    var differs = false
    for power in 10...34 {
      let size = Bytes(1 << power)
      let before = collectiveCost(
        of: .allReduce, size: size, placement: .full(16), fabric: old)
      let now = collectiveCost(
        of: .allReduce, size: size, placement: .full(16), fabric: .h100)
      if before.isSameWay(as: now) {
        #expect(before.time == now.time)
      } else {
        differs = true
      }
    }
    #expect(differs)
  }

  @Test("a group with one rank per node uses one rail")
  func rails() throws {
    let apart = GroupPlacement(ranks: 4, nodes: 4, ranksPerNode: 1)
    let cost = collectiveCost(
      of: .allGather, size: .gibibytes(1), placement: apart, fabric: .h100)
    let bus = busBandwidth(.allGather, ranks: 4, size: .gibibytes(1), time: cost.time)
    #expect((45...50).contains(bus), "\(bus)")
  }

  @Test("all-to-all inside a node moves no byte through the network")
  func allToAllTiers() {
    let inside = collectiveCost(
      of: .allToAll, size: .gibibytes(1), placement: .full(8), fabric: .h100)
    let across = collectiveCost(
      of: .allToAll, size: .gibibytes(1), placement: .full(16), fabric: .h100)
    // Half of the bytes leave the node, at 0.85 of 50 GB/s.
    #expect(abs(across.transfer.milliseconds - 536.870912 / 42.5) < 0.01)
    #expect(across.time > inside.time)
  }

  @Test("a multi-node all-to-all reaches the published bus bandwidth, 68.9 GB/s at one site")
  func allToAllAcross() {
    let fabric = CollectiveFabric.reference(.blackwell, links: 18, gigabits: 347)
    let cost = collectiveCost(
      of: .allToAll, size: .gibibytes(4), placement: .full(16), fabric: fabric)
    let bus = busBandwidth(.allToAll, ranks: 16, size: .gibibytes(4), time: cost.time)
    #expect(abs(bus / 68.9 - 1) < 0.03, "\(bus)")
  }
}
