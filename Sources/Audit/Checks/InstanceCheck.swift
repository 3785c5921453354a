import Graph
import Parallelism
import Units

/// Checks that each call of each group is met by exactly its members, all in the same operation.
struct InstanceCheck {
  private struct Meeting {
    let first: NodeID
    var count = 1
    var isMixed = false
    var hasStranger = false
  }

  static func findings(_ reading: Reading) -> [Finding] {
    var meetings: [Meeting] = []
    var index: [CollectiveInstance: Int] = [:]
    for id in reading.graph.ids {
      let node = reading.graph[id]
      guard let instance = node.instance, let rank = node.rank else { continue }
      if let known = index[instance] {
        meetings[known].count += 1
        let first = reading.graph[meetings[known].first]
        if first.kind != node.kind || first.pass != node.pass || first.layer != node.layer
          || reading.expected.ordinal(first.microbatch) != reading.expected.ordinal(node.microbatch)
        {
          meetings[known].isMixed = true
        }
      } else {
        index[instance] = meetings.count
        meetings.append(Meeting(first: id))
      }
      let grid = reading.expected.grid
      if rank < grid.worldSize, let slot = index[instance],
        grid.group(instance.family, containing: rank).base != Int(instance.base)
      {
        meetings[slot].hasStranger = true
      }
    }
    return findings(reading, meetings)
  }

  private static func findings(_ reading: Reading, _ meetings: [Meeting]) -> [Finding] {
    var incomplete = Tallies<GroupFamily>()
    var mixed = Tallies<GroupFamily>()
    var strange = Tallies<GroupFamily>()
    for meeting in meetings {
      guard let instance = reading.graph[meeting.first].instance else { continue }
      let size = reading.expected.grid.size(of: instance.family)
      let kind = reading.graph[meeting.first].kind?.label ?? "unknown"
      if meeting.count != size {
        incomplete.add(
          instance.family, "\(instance.label) (\(kind)): \(meeting.count) of \(size) members")
      }
      if meeting.isMixed { mixed.add(instance.family, "\(instance.label) (\(kind))") }
      if meeting.hasStranger { strange.add(instance.family, "\(instance.label) (\(kind))") }
    }
    return incomplete.entries.map { family, places in
      Finding(
        .communication, about: family.label,
        "Collective calls over \(family.label) that not exactly the members of the group meet",
        expected: "each call met once by each member", found: "\(grouped(places.count)) calls",
        at: places, fix: "Let every member of a \(family.label) group issue each of its calls once")
    }
      + mixed.entries.map { family, places in
        Finding(
          .communication, about: family.label,
          "Collective calls over \(family.label) in which members meet in different operations",
          expected: "the same operation on every member", found: "\(grouped(places.count)) calls",
          at: places, fix: "Issue the \(family.label) calls in the same order on every member")
      }
      + strange.entries.map { family, places in
        Finding(
          .communication, about: family.label,
          "Collective calls over \(family.label) with a rank outside the group",
          expected: "members only", found: "\(grouped(places.count)) calls", at: places,
          fix: "Name the group that holds the rank in every \(family.label) call")
      }
  }
}
