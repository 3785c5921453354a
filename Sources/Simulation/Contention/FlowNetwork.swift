/// Flows that share links max-min fairly.
///
/// Each flow moves bytes along a path at a rate of at most its limit. A rate can be raised only at
/// the cost of a flow that is no faster: every flow runs at its limit, or crosses a full link on which
/// none is faster.
///
/// Links that could carry all their flows at their limits hold nobody back, so a flow that comes or
/// goes changes only flows that it reaches over overloaded links.
///
/// - SeeAlso: Bertsekas and Gallager, "Data Networks", 2nd edition, section 6.5.2 (max-min flow control).
public struct FlowNetwork: Sendable {
  /// Bytes that a path puts on a link for each byte of its flow.
  public struct Use: Hashable, Sendable {
    public let link: Int
    public let share: Double

    /// - Precondition: the share is positive.
    public init(link: Int, share: Double = 1) {
      precondition(share > 0, "a path that uses a link puts something on it")
      self.link = link
      self.share = share
    }
  }

  /// Bytes per second of each link.
  public let capacities: [Double]
  /// The links of each path.
  public let paths: [[Use]]
  /// What flows on a link would carry at their limits, in bytes per second.
  private var demands: [Double]
  /// The flows on each link, in no order that matters.
  private var members: [[Int32]]
  private var flows: [Flow] = []
  private var free: [Int] = []
  /// Flows and links that a refill looks at; kept to save allocations.
  private var affected: [Int] = []
  private var full: [Int] = []
  private var isListed: [Bool]

  private struct Flow {
    var path: Int
    var limit: Double
    var rate: Double
    var isListed = false
    var isSettled = true
  }

  /// - Precondition: capacities are positive, and no path names a link twice.
  public init(capacities: [Double], paths: [[Use]]) {
    precondition(capacities.allSatisfy { $0 > 0 }, "a link carries something")
    self.capacities = capacities
    self.paths = paths
    demands = [Double](repeating: 0, count: capacities.count)
    members = [[Int32]](repeating: [], count: capacities.count)
    isListed = [Bool](repeating: false, count: capacities.count)
  }

  /// Starts a flow.
  ///
  /// - Parameters:
  ///   - path: index into `paths`.
  ///   - limit: its rate where nothing holds it back, in bytes per second; above 0.
  ///   - changed: gets the flows whose rate is another now, the new one not among them.
  /// - Returns: its number, which a later flow may get once it has stopped.
  public mutating func start(path: Int, limit: Double, changed: inout [Int]) -> Int {
    let flow = Flow(path: path, limit: limit, rate: limit)
    let number = free.popLast() ?? flows.count
    if number == flows.count { flows.append(flow) } else { flows[number] = flow }
    for use in paths[path] {
      members[use.link].append(Int32(number))
      demands[use.link] += use.share * limit
      if isOverloaded(use.link) { list(use.link) }
    }
    refill(changed: &changed)
    if let own = changed.firstIndex(of: number) { changed.remove(at: own) }
    return number
  }

  /// Ends a flow.
  ///
  /// - Parameter changed: gets the flows whose rate is another now.
  public mutating func stop(_ number: Int, changed: inout [Int]) {
    let flow = flows[number]
    for use in paths[flow.path] {
      if let place = members[use.link].firstIndex(of: Int32(number)) {
        members[use.link].swapAt(place, members[use.link].count - 1)
        members[use.link].removeLast()
      }
      if isOverloaded(use.link) { list(use.link) }
      // Sums of what comes and goes would drift away from zero.
      demands[use.link] = members[use.link].isEmpty ? 0 : demands[use.link] - use.share * flow.limit
    }
    free.append(number)
    refill(changed: &changed)
  }

  /// The rate of a flow, in bytes per second.
  public func rate(of flow: Int) -> Double { flows[flow].rate }

  /// The rate of a flow where nothing holds it back, in bytes per second.
  public func limit(of flow: Int) -> Double { flows[flow].limit }

  /// The rate of a flow as a part of its limit: exactly 1 where nothing holds it back.
  public func pace(of flow: Int) -> Double { flows[flow].rate / flows[flow].limit }

  /// A little more than full is full: capacities and limits are rounded numbers.
  private func isOverloaded(_ link: Int) -> Bool { demands[link] > capacities[link] * (1 + 1e-9) }

  private mutating func list(_ link: Int) {
    guard !isListed[link] else { return }
    isListed[link] = true
    full.append(link)
  }
}

extension FlowNetwork {
  /// Gives all flows that listed links reach their rates anew.
  private mutating func refill(changed: inout [Int]) {
    guard !full.isEmpty else { return }
    listAffected()
    for link in full { isListed[link] = false }
    full = full.filter(isOverloaded)
    let before = affected.map { flows[$0].rate }
    for flow in affected { flows[flow].isSettled = false }
    fill()
    for (flow, rate) in zip(affected, before) {
      flows[flow].isListed = false
      if flows[flow].rate != rate { changed.append(flow) }
    }
    affected.removeAll(keepingCapacity: true)
    full.removeAll(keepingCapacity: true)
  }

  /// Lists the flows on listed links, the overloaded links of those, and so on.
  private mutating func listAffected() {
    var next = 0
    while next < full.count {
      for member in members[full[next]] {
        let flow = Int(member)
        guard !flows[flow].isListed else { continue }
        flows[flow].isListed = true
        affected.append(flow)
        for use in paths[flows[flow].path] where isOverloaded(use.link) { list(use.link) }
      }
      next += 1
    }
  }

  /// Raises all affected flows together; those that reach their limit or a full link stay behind.
  private mutating func fill() {
    // What a link has left for flows that still rise, and how fast they fill it.
    var left = full.map { capacities[$0] }
    var slope = full.map { link in
      members[link].reduce(0.0) { $0 + share(of: Int($1), on: link) }
    }
    let place = Dictionary(uniqueKeysWithValues: zip(full, full.indices))
    var rising = affected.sorted { flows[$0].limit < flows[$1].limit }[...]
    while let least = rising.first {
      let level = full.indices.reduce(flows[least].limit) { level, index in
        slope[index] > 1e-12 ? min(level, max(0, left[index] / slope[index])) : level
      }
      let tolerance = 1e-12 * level
      for flow in rising {
        let isStopped = paths[flows[flow].path].contains { use in
          guard let index = place[use.link], slope[index] > 1e-12 else { return false }
          return left[index] / slope[index] <= level + tolerance
        }
        let isAtLimit = flows[flow].limit <= level + tolerance
        guard isStopped || isAtLimit else { continue }
        flows[flow].rate = isAtLimit ? flows[flow].limit : level
        flows[flow].isSettled = true
      }
      for flow in rising where flows[flow].isSettled {
        for use in paths[flows[flow].path] {
          guard let index = place[use.link] else { continue }
          left[index] -= use.share * flows[flow].rate
          slope[index] -= use.share
        }
      }
      rising = rising.filter { !flows[$0].isSettled }[...]
    }
  }

  private func share(of flow: Int, on link: Int) -> Double {
    paths[flows[flow].path].first { $0.link == link }?.share ?? 0
  }
}
