import Graph
import Units

/// One stream of one rank, as blocks wide enough to see.
struct TimelineLane {
  /// Neighbouring operations of one microbatch and direction, drawn as one.
  struct Block {
    var start: Int64
    var finish: Int64
    /// The lowest and highest microbatch; nil for operations of the whole step.
    var microbatches: ClosedRange<Int>?
    let chunk: Int
    let isBackward: Bool
    /// Time held by each class that occurs, in order of first occurrence.
    var busy: [(operationClass: OperationClass, time: Int64)]
    var operations = 1
    /// The operation, while there is only one.
    let first: Int

    var width: Int64 { finish - start }
    var busyTime: Int64 { busy.reduce(0) { $0 + $1.time } }
  }

  let rank: Int
  let stream: DeviceStream
  private(set) var blocks: [Block] = []

  /// - Parameters:
  ///   - window: what of the step is drawn, in picoseconds.
  ///   - resolution: the time that one point of paper takes.
  init(
    _ program: StageProgram, spans: OperationSpans, stream: DeviceStream, window: Range<Int64>,
    resolution: Int64
  ) {
    rank = spans.rank
    self.stream = stream
    for (index, operation) in program.operations.enumerated() where operation.stream == stream {
      let start = max(spans.starts[index], window.lowerBound)
      let finish = min(spans.finishes[index], window.upperBound)
      guard finish > start else { continue }
      append(
        Block(
          start: start, finish: finish, microbatches: operation.microbatch.map { $0...$0 },
          chunk: operation.chunk,
          isBackward: operation.pass == .inputGradient || operation.pass == .weightGradient,
          busy: [(OperationClass(operation), finish - start)], first: index),
        resolution: resolution)
    }
    mergeSlivers(resolution: resolution)
  }

  /// Joins an operation to the last block when they belong together and a gap between them, or one
  /// of them, would be too thin to see.
  private mutating func append(_ block: Block, resolution: Int64) {
    guard let last = blocks.last, last.microbatches == block.microbatches,
      last.chunk == block.chunk, last.isBackward == block.isBackward,
      block.start - last.finish <= resolution * 3 / 2,
      last.busy.contains(where: { $0.operationClass == block.busy[0].operationClass })
        || last.width < 3 * resolution || block.width < 3 * resolution,
      last.operations > 1 || last.width < 6 * resolution || block.width < 3 * resolution
    else {
      blocks.append(block)
      return
    }
    blocks[blocks.count - 1].join(block)
  }

  /// Joins blocks of different microbatches where each would be thinner than about two pixels.
  private mutating func mergeSlivers(resolution: Int64) {
    var merged: [Block] = []
    for block in blocks {
      if let last = merged.last, block.start - last.finish <= resolution,
        block.width < resolution * 3 / 2,
        last.width < resolution * 3 / 2 || (last.operations > 1 && last.width < resolution * 4)
      {
        merged[merged.count - 1].join(block)
      } else {
        merged.append(block)
      }
    }
    blocks = merged
  }
}

extension TimelineLane.Block {
  /// Takes in the next block.
  fileprivate mutating func join(_ next: Self) {
    finish = max(finish, next.finish)
    operations += next.operations
    if let mine = microbatches, let other = next.microbatches {
      microbatches =
        min(mine.lowerBound, other.lowerBound)...max(mine.upperBound, other.upperBound)
    } else {
      microbatches = microbatches ?? next.microbatches
    }
    for (operationClass, time) in next.busy {
      if let index = busy.firstIndex(where: { $0.operationClass == operationClass }) {
        busy[index].time += time
      } else {
        busy.append((operationClass, time))
      }
    }
  }
}
