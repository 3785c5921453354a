public import Cost
import ExplicitHeap
public import Graph
import Parallelism
public import Units

/// The step as other simulators take it: every task of every rank and every edge in memory.
///
/// A collective is one task that all members' arrivals lead to. Hosts launch in no time.
public struct ExplicitGraph: Sendable {
  public private(set) var durations: [Int64] = []
  /// Where the successors of each task begin; one more entry than tasks.
  public private(set) var starts: [UInt32] = []
  public private(set) var successors: [UInt32] = []

  public init(_ graph: StepGraph, costs: StepCosts) {
    var edges: [(from: UInt32, to: UInt32)] = []
    let tasks = TaskNumbers(graph)
    durations = [Int64](repeating: 0, count: tasks.count)
    for rank in 0..<graph.grid.worldSize {
      let program = graph.program(of: rank)
      var last = [Int](repeating: -1, count: DeviceStream.allCases.count)
      var blocker = -1
      for (index, operation) in program.operations.enumerated() {
        let task = UInt32(tasks.first[rank] + index)
        let stream = Int(operation.stream.rawValue)
        let earlier = program.dependencies(of: index).map(Int.init) + [last[stream], blocker]
        for other in earlier where other >= 0 {
          edges.append((tasks.end(of: other, on: rank, in: program), task))
        }
        let end = tasks.end(of: index, on: rank, in: program)
        if end != task { edges.append((task, end)) }
        if operation.meeting == .receive {
          let sender = graph.grid.rank(rank, movedToStage: operation.peer)
          edges.append((UInt32(tasks.first[sender] + operation.partner), task))
        } else {
          durations[Int(end)] = costs.durations[costs.offset[operation.work]].picoseconds
        }
        last[stream] = index
        if operation.blocksHost { blocker = index }
      }
    }
    starts = [UInt32](repeating: 0, count: tasks.count + 1)
    for edge in edges { starts[Int(edge.from) + 1] += 1 }
    for task in 0..<tasks.count { starts[task + 1] += starts[task] }
    var next = starts
    successors = [UInt32](repeating: 0, count: edges.count)
    for edge in edges {
      successors[Int(next[Int(edge.from)])] = edge.to
      next[Int(edge.from)] += 1
    }
  }

  /// The end of the last task, worked out in C++.
  public func makespan() -> Ticks {
    Ticks(play_with_heap(UInt32(durations.count), durations, starts, successors))
  }
}

/// A number for every operation of every rank, and for every call of every group.
private struct TaskNumbers {
  private(set) var first: [Int] = []
  private(set) var count = 0
  private var firstCall: [Int] = []
  private var calls: [Int] = []
  private let tables: [GroupTable]

  init(_ graph: StepGraph) {
    for rank in 0..<graph.grid.worldSize {
      first.append(count)
      count += graph.program(of: rank).operations.count
    }
    tables = GroupFamily.allCases.map { GroupTable($0, of: graph.grid) }
    for table in tables {
      let most = graph.programs.map { program in
        program.operations.count { $0.meeting == .collective(table.family) }
      }
      firstCall.append(count)
      calls.append(most.max() ?? 0)
      count += table.count * (most.max() ?? 0)
    }
  }

  /// The task whose end is that of an operation.
  func end(of index: Int, on rank: Int, in program: StageProgram) -> UInt32 {
    let operation = program.operations[index]
    guard case .collective(let family) = operation.meeting else {
      return UInt32(first[rank] + index)
    }
    let number = Int(family.rawValue)
    let group = Int(tables[number].indices[rank])
    return UInt32(firstCall[number] + group * calls[number] + operation.partner)
  }
}
