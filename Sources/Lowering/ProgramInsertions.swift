import Graph
import Parallelism

/// Operations to be put into a finished program, with what they wait for and who waits for them.
///
/// Passes that add communication around whole layers work on programs, not on tapes, so they hold
/// for every order in which slots, recomputation and split backwards place the layers' kernels.
struct ProgramInsertions {
  /// An operation of the program as it was, or an inserted one.
  enum Reference: Hashable {
    case existing(Int)
    case inserted(Int)
  }

  private struct Entry {
    let position: Int
    let operation: Operation
    let needed: [Reference]
  }

  private var entries: [Entry] = []
  /// For existing operations, the inserted ones that they wait for.
  private var awaited: [Int: [Reference]] = [:]

  var isEmpty: Bool { entries.isEmpty }

  /// Puts an operation before an existing one, behind those put there earlier.
  @discardableResult mutating func insert(
    _ operation: Operation, before position: Int, after needed: [Reference]
  ) -> Reference {
    entries.append(Entry(position: position, operation: operation, needed: needed))
    return .inserted(entries.count - 1)
  }

  /// Makes an existing operation wait for an inserted one.
  mutating func require(_ reference: Reference, by operation: Int) {
    awaited[operation, default: []].append(reference)
  }

  /// The program with the operations in place, its collectives numbered anew.
  ///
  /// - Precondition: nothing waits for what is placed behind it.
  func applied(to program: StageProgram) -> StageProgram {
    guard !entries.isEmpty else { return program }
    let order = entries.indices.sorted { (entries[$0].position, $0) < (entries[$1].position, $1) }
    var placeOfExisting = [Int32](repeating: 0, count: program.operations.count)
    var placeOfInserted = [Int32](repeating: 0, count: entries.count)
    var next = 0
    var count: Int32 = 0
    for index in 0...program.operations.count {
      while next < order.count, entries[order[next]].position == index {
        placeOfInserted[order[next]] = count
        next += 1
        count += 1
      }
      guard index < program.operations.count else { break }
      placeOfExisting[index] = count
      count += 1
    }
    func place(_ reference: Reference) -> Int32 {
      switch reference {
      case .existing(let index): placeOfExisting[index]
      case .inserted(let index): placeOfInserted[index]
      }
    }
    var builder = ProgramBuilder(chunks: 0, microbatches: 0, blocksOnMessages: false)
    next = 0
    for index in 0...program.operations.count {
      while next < order.count, entries[order[next]].position == index {
        let entry = entries[order[next]]
        builder.append(entry.operation, after: entry.needed.map(place))
        next += 1
      }
      guard index < program.operations.count else { break }
      let kept = program.dependencies(of: index).map { placeOfExisting[Int($0)] }
      let added = (awaited[index] ?? []).map(place)
      builder.append(program.operations[index], after: kept + added)
    }
    return StageProgram(
      pipelineRank: program.pipelineRank, operations: builder.operations,
      dependencyStart: builder.dependencyStart, dependencies: builder.dependencies,
      storage: program.storage)
  }
}
