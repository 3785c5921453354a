import Simulation
import TestGraphs
import Testing

@Suite("flow network")
struct FlowNetworkTests {
  private func isClose(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))
  }

  /// Rates of flows that all start on a network, each along a path of its own.
  private func rates(_ capacities: [Double], _ flows: [(path: [FlowNetwork.Use], limit: Double)])
    -> [Double]
  {
    var network = FlowNetwork(capacities: capacities, paths: flows.map(\.path))
    var changed: [Int] = []
    let numbers = flows.indices.map {
      network.start(path: $0, limit: flows[$0].limit, changed: &changed)
    }
    return numbers.map(network.rate)
  }

  @Test("two flows on one link get half each, or what the slower one leaves", arguments: 1...20)
  func twoFlows(tenths: Int) {
    let limit = Double(tenths) / 10
    let found = rates([1], [([.init(link: 0)], limit), ([.init(link: 0)], 1)])
    #expect(isClose(found[0], min(limit, 0.5)))
    #expect(isClose(found[1], max(1 - limit, 0.5)))
  }

  @Test("of three flows on two links, the long one gets half of the narrower, the others the rest")
  func threeFlows() {
    for narrow in stride(from: 1.0, through: 4, by: 0.25) {
      let found = rates(
        [narrow, 4],
        [
          ([.init(link: 0), .init(link: 1)], 100), ([.init(link: 0)], 100),
          ([.init(link: 1)], 100),
        ])
      #expect(isClose(found[0], narrow / 2))
      #expect(isClose(found[1], narrow / 2))
      #expect(isClose(found[2], 4 - narrow / 2))
    }
  }

  @Test("a flow that puts two bytes on a link for each of its own counts twice")
  func shares() {
    let found = rates([3], [([.init(link: 0, share: 2)], 10), ([.init(link: 0)], 10)])
    #expect(isClose(found[0], 1))
    #expect(isClose(found[1], 1))
  }

  @Test("a flow alone runs at its limit, exactly")
  func alone() {
    var network = FlowNetwork(capacities: [1 / 3], paths: [[.init(link: 0)]])
    var changed: [Int] = []
    let flow = network.start(path: 0, limit: 1 / 3, changed: &changed)
    #expect(network.pace(of: flow) == 1)
    #expect(changed.isEmpty)
  }

  @Test(
    "flows that come and go have the rates of water-filling from scratch, on 2,000 random networks")
  func waterFilling() {
    for seed in 0..<2000 {
      var random = SeededGenerator(seed: seed)
      let capacities = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        Double(Int.random(in: 1...12, using: &random))
      }
      let paths = (0..<8).map { _ in
        capacities.indices.filter { _ in random.once(in: 3) }.map {
          FlowNetwork.Use(link: $0, share: Double(Int.random(in: 1...4, using: &random)) / 2)
        }
      }
      var network = FlowNetwork(capacities: capacities, paths: paths)
      var known: [Int: (path: Int, limit: Double, rate: Double)] = [:]
      for _ in 0..<20 {
        var changed: [Int] = []
        if let gone = known.keys.sorted().randomElement(using: &random), random.once(in: 3) {
          network.stop(gone, changed: &changed)
          known[gone] = nil
        } else {
          let path = Int.random(in: 0..<8, using: &random)
          let limit = Double(Int.random(in: 1...9, using: &random))
          let flow = network.start(path: path, limit: limit, changed: &changed)
          known[flow] = (path, limit, network.rate(of: flow))
        }
        for flow in changed { known[flow]?.rate = network.rate(of: flow) }
        let flows = known.keys.sorted()
        let expected = waterFilling(
          capacities, flows.map { (paths[known[$0]?.path ?? 0], known[$0]?.limit ?? 0) })
        for (flow, rate) in zip(flows, expected) {
          let found = known[flow]?.rate ?? -1
          #expect(isClose(found, rate), "seed \(seed), flow \(flow)")
          #expect(found == network.rate(of: flow), "seed \(seed), flow \(flow) changed unsaid")
        }
      }
    }
  }

  /// The textbook: raise all rates alike; where a link is full or a limit reached, stop.
  private func waterFilling(
    _ capacities: [Double], _ flows: [(path: [FlowNetwork.Use], limit: Double)]
  ) -> [Double] {
    var rates = [Double](repeating: 0, count: flows.count)
    var isRising = [Bool](repeating: true, count: flows.count)
    while isRising.contains(true) {
      var rise = Double.infinity
      for flow in flows.indices where isRising[flow] {
        rise = min(rise, flows[flow].limit - rates[flow])
      }
      func loads(_ counts: (Int) -> Double) -> [Double] {
        flows.indices.reduce(into: [Double](repeating: 0, count: capacities.count)) { sum, flow in
          for use in flows[flow].path { sum[use.link] += use.share * counts(flow) }
        }
      }
      let load = loads { rates[$0] }
      let slope = loads { isRising[$0] ? 1 : 0 }
      for link in capacities.indices where slope[link] > 0 {
        rise = min(rise, (capacities[link] - load[link]) / slope[link])
      }
      for flow in flows.indices where isRising[flow] { rates[flow] += rise }
      let risen = loads { rates[$0] }
      for flow in flows.indices where isRising[flow] {
        let isStopped = flows[flow].path.contains { risen[$0.link] >= capacities[$0.link] - 1e-9 }
        if isStopped || rates[flow] >= flows[flow].limit - 1e-9 { isRising[flow] = false }
      }
    }
    return rates
  }

  @Test("no link carries more than it can, and each what its flows move, on 500 random networks")
  func conservation() {
    for seed in 0..<500 {
      var random = SeededGenerator(seed: seed)
      let capacities = (0..<4).map { _ in Double(Int.random(in: 1...8, using: &random)) }
      let paths = (0..<6).map { _ in
        capacities.indices.filter { _ in random.once(in: 2) }.map { FlowNetwork.Use(link: $0) }
      }
      var network = FlowNetwork(capacities: capacities, paths: paths)
      var carried = [Double](repeating: 0, count: 4)
      var left: [Int: (path: Int, bytes: Double)] = [:]
      var expected = carried
      for path in paths.indices {
        let bytes = Double(Int.random(in: 1...50, using: &random))
        for use in paths[path] { expected[use.link] += bytes }
        var changed: [Int] = []
        let limit = Double(Int.random(in: 1...9, using: &random))
        left[network.start(path: path, limit: limit, changed: &changed)] = (path, bytes)
      }
      while !left.isEmpty {
        let flows = left.keys.sorted()
        let span = flows.map { (left[$0]?.bytes ?? 0) / network.rate(of: $0) }.min() ?? 0
        for link in 0..<4 {
          let load = flows.reduce(0.0) { sum, flow in
            let isOnLink = paths[left[flow]?.path ?? 0].contains { $0.link == link }
            return sum + (isOnLink ? network.rate(of: flow) : 0)
          }
          #expect(load <= capacities[link] * (1 + 1e-9), "seed \(seed)")
          carried[link] += load * span
        }
        for flow in flows { left[flow]?.bytes -= network.rate(of: flow) * span }
        for flow in flows {
          var changed: [Int] = []
          if let bytes = left[flow]?.bytes, bytes < 1e-9 {
            network.stop(flow, changed: &changed)
            left[flow] = nil
          }
        }
      }
      for link in 0..<4 { #expect(isClose(carried[link], expected[link]), "seed \(seed)") }
    }
  }
}
