import Graph
import Parallelism
public import Units

extension Timeline {
  /// By rank, the end of its last operation.
  ///
  /// - Complexity: O(ranks · streams + operations of the programs): streams end in order.
  public func rankEnds() -> [Instant] {
    let lasts = graph.programs.map(\.lastOfStreams)
    return (0..<graph.grid.worldSize).map { rank in
      lasts[graph.grid.pipelineRank(of: rank)].map { finish(rank: rank, operation: $0) }.max()
        ?? .zero
    }
  }

  /// By rank, the lowest rank of its stage whose operations all took place at the same times.
  ///
  /// - Complexity: O(nodes), along the order in which they are stored.
  public func twins() -> [Int] {
    var twins = representatives
    for stage in graph.programs.indices {
      let members = twins.indices.filter {
        graph.grid.pipelineRank(of: $0) == stage && representatives[$0] == $0
      }
      var classes = ColumnClasses(columns: members.count)
      let operations = graph.programs[stage].operations.count
      forEachTime { times in
        if let first = members.first, members.count > 1, columns[first].stride == 1 {
          classes.refine(byRowsOf: operations, in: times, at: members.map { columns[$0].first })
        } else if let first = members.first {
          let column = columns[first]
          for operation in 0..<operations {
            classes.refine(by: times, from: column.first + operation * column.stride)
          }
        }
      }
      for (place, member) in members.enumerated() {
        twins[member] = members[Int(classes.lowest[place])]
      }
    }
    // Ranks that are not played follow the one that is.
    return twins.map { twins[$0] }
  }

  private func forEachTime(_ visit: (UnsafeBufferPointer<Int64>) -> Void) {
    for times in [ends, starts] where !times.isEmpty { times.withUnsafeBufferPointer(visit) }
  }
}

/// Columns of a table that are equal in all rows seen so far.
private struct ColumnClasses {
  /// By column, the lowest column of its class.
  private(set) var lowest: [Int32]

  init(columns: Int) { lowest = [Int32](repeating: 0, count: columns) }

  /// Takes the row that begins at a place, one entry after the other.
  mutating func refine(by times: UnsafeBufferPointer<Int64>, from first: Int) {
    var isUnequal = false
    for (column, other) in lowest.enumerated() {
      isUnequal = isUnequal || times[first + column] != times[first + Int(other)]
    }
    if isUnequal { split { times[first + $0] == times[first + $1] } }
  }

  /// Takes all rows of columns that lie one behind the other.
  mutating func refine(
    byRowsOf count: Int, in times: UnsafeBufferPointer<Int64>, at first: [Int]
  ) {
    split { column, other in
      (0..<count).allSatisfy { times[first[column] + $0] == times[first[other] + $0] }
    }
  }

  /// Puts each column into the first of the known classes that it still agrees with.
  private mutating func split(_ areEqual: (Int, Int) -> Bool) {
    // By class before the split, the lowest columns of its parts.
    var parts: [[Int32]] = Array(repeating: [], count: lowest.count)
    for column in lowest.indices {
      let old = Int(lowest[column])
      if let part = parts[old].first(where: { areEqual(column, Int($0)) }) {
        lowest[column] = part
      } else {
        parts[old].append(Int32(column))
        lowest[column] = Int32(column)
      }
    }
  }
}

extension StageProgram {
  /// The last operation of each stream that is used.
  fileprivate var lastOfStreams: [Int] {
    var last = [Int](repeating: -1, count: DeviceStream.allCases.count)
    for (index, operation) in operations.enumerated() {
      last[Int(operation.stream.rawValue)] = index
    }
    return last.filter { $0 >= 0 }
  }
}
