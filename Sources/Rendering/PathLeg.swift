import Graph
import Units

/// Consecutive segments of a path on one stage, microbatch and direction.
struct PathLeg {
  /// What two legs must share to be repetitions of one another.
  struct Shape: Hashable {
    let stage: Int
    let direction: String
  }

  let shape: Shape
  /// The first and last microbatch, over all repetitions; nil for step-wide operations.
  var microbatches: ClosedRange<Int>?
  var start: Int64
  var finish: Int64
  var operations = 0
  var repetitions = 1
  /// The time on the path, over all repetitions.
  var duration: Int64 = 0
  /// The ranks it visits, in order of first visit.
  var ranks: [Int] = []
  /// Time per class, in the order of `OperationClass.allCases`.
  var busy = [Int64](repeating: 0, count: OperationClass.allCases.count)
  /// Time before its first operation in which nothing on the path ran.
  var waiting: Int64 = 0

  /// The legs of a path, in order.
  static func legs(of segments: [PathPicture.Segment]) -> [PathLeg] {
    var legs: [PathLeg] = []
    var end: Int64 = segments.first?.start.picoseconds ?? 0
    for segment in segments {
      let shape = Shape(stage: segment.pipelineStage, direction: direction(of: segment.pass))
      let microbatches = segment.pass == .step ? nil : segment.microbatch.map { $0...$0 }
      if legs.last?.shape != shape || legs.last?.microbatches != microbatches {
        legs.append(
          PathLeg(
            shape: shape, microbatches: microbatches, start: segment.start.picoseconds,
            finish: segment.start.picoseconds))
      }
      legs[legs.count - 1].take(segment, after: end)
      end = max(end, segment.finish.picoseconds)
    }
    return legs
  }

  private static func direction(of pass: OperationPass) -> String {
    switch pass {
    case .forward: "forward"
    case .recompute, .inputGradient, .weightGradient: "backward"
    case .step: "step-wide"
    }
  }

  private mutating func take(_ segment: PathPicture.Segment, after end: Int64) {
    // Overlaps count once: the path's times then add up to its length.
    let own = max(0, segment.finish.picoseconds - max(segment.start.picoseconds, end))
    finish = max(finish, segment.finish.picoseconds)
    operations += 1
    duration += own
    waiting += max(0, segment.start.picoseconds - end)
    if let index = OperationClass.allCases.firstIndex(of: segment.operationClass) {
      busy[index] += own
    }
    if !ranks.contains(segment.rank) { ranks.append(segment.rank) }
  }

  /// Takes in a later repetition of the same shape.
  mutating func absorb(_ other: PathLeg) {
    if let mine = microbatches, let theirs = other.microbatches {
      microbatches =
        min(mine.lowerBound, theirs.lowerBound)...max(mine.upperBound, theirs.upperBound)
    }
    finish = max(finish, other.finish)
    operations += other.operations
    repetitions += other.repetitions
    duration += other.duration
    waiting += other.waiting
    for rank in other.ranks where !ranks.contains(rank) { ranks.append(rank) }
    for index in busy.indices { busy[index] += other.busy[index] }
  }
}

extension [PathLeg] {
  /// The legs with each sequence of up to six shapes that repeats at least three times folded into
  /// one.
  func foldingRepetitions() -> [PathLeg] {
    var result: [PathLeg] = []
    var begin = startIndex
    while begin < endIndex {
      var best = (period: 1, count: 1)
      for period in 1...6 {
        let count = repetitions(of: period, at: begin)
        if count >= 3, count * period > best.count * best.period { best = (period, count) }
      }
      var folded = Array(self[begin..<begin + best.period])
      for repetition in 1..<Swift.max(1, best.count) {
        for offset in 0..<best.period {
          folded[offset].absorb(self[begin + repetition * best.period + offset])
        }
      }
      result += folded
      begin += best.period * best.count
    }
    return result
  }

  /// How often the next `period` shapes occur in a row.
  private func repetitions(of period: Int, at begin: Int) -> Int {
    var count = 1
    while begin + (count + 1) * period <= endIndex {
      let next = begin + count * period
      guard (0..<period).allSatisfy({ self[begin + $0].shape == self[next + $0].shape }) else {
        break
      }
      count += 1
    }
    return begin + period <= endIndex ? count : 0
  }
}
