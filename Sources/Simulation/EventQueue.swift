/// Something that will end at a known time, first of a chain of such.
struct Completion: Comparable {  // 16 bytes, checked by a test
  /// Picoseconds since the start of the step.
  let time: Int64
  /// Scheduling order: equal times complete in a defined order.
  let order: UInt32
  /// A lane or a group; see `EventDrivenExecutor`.
  let subject: UInt32

  static func < (a: Completion, b: Completion) -> Bool {
    a.time < b.time || (a.time == b.time && a.order < b.order)
  }
}

/// What will end when, in order of time and then of scheduling.
///
/// Ranks in lockstep schedule the same time one after the other. Such completions form a chain that
/// takes one place in the heap; without chains the flagship took three times as long.
struct EventQueue {
  private static let none = UInt32.max

  private var heap: [Completion] = []
  private var scheduled: UInt32 = 0
  /// For each subject, the one behind it in its chain.
  private var following: [UInt32]
  /// The chain that is being handed out: its time and what is left of it.
  private var time: Int64 = -1
  private var first = EventQueue.none
  /// The chain that was begun last: its time and its last subject; it can still grow.
  private var openTime: Int64 = -1
  private var last = EventQueue.none
  /// Whether the chain begun last is the one that is being handed out.
  private var isOpenCurrent = false

  /// A queue for subjects from 0, each waiting for at most one completion at a time.
  init(subjects: Int) {
    following = [UInt32](repeating: Self.none, count: subjects)
  }

  /// - Parameter subject: any number; numbers that the queue was not made for cost an allocation.
  /// - Precondition: the subject is not in the queue and the time is not negative.
  mutating func schedule(_ subject: UInt32, at time: Int64) {
    while following.count <= Int(subject) { following.append(Self.none) }
    following[Int(subject)] = Self.none
    if time == openTime {
      if isOpenCurrent && first == Self.none {
        first = subject
      } else {
        following[Int(last)] = subject
      }
    } else {
      heap.rise(Completion(time: time, order: scheduled, subject: subject))
      scheduled &+= 1
      openTime = time
      isOpenCurrent = false
    }
    last = subject
  }

  mutating func next() -> (time: Int64, subject: UInt32)? {
    if first == Self.none {
      guard let earliest = heap.popFirst() else { return nil }
      if isOpenCurrent { openTime = -1 }
      isOpenCurrent = earliest.order == scheduled &- 1
      time = earliest.time
      first = earliest.subject
    }
    let subject = first
    first = following[Int(subject)]
    return (time, subject)
  }
}

/// A four-way heap, earliest first. A min-max heap took twice the time.
extension [Completion] {
  /// Adds a completion.
  fileprivate mutating func rise(_ event: Completion) {
    append(event)
    withUnsafeMutableBufferPointer { heap in
      var hole = heap.count &- 1
      while hole > 0 {
        let parent = (hole &- 1) >> 2
        guard event < heap[parent] else { break }
        heap[hole] = heap[parent]
        hole = parent
      }
      heap[hole] = event
    }
  }

  /// Removes the earliest completion.
  fileprivate mutating func popFirst() -> Completion? {
    guard let first else { return nil }
    let event = removeLast()
    guard !isEmpty else { return first }
    withUnsafeMutableBufferPointer { heap in
      var hole = 0
      while true {
        let firstChild = hole << 2 &+ 1
        guard firstChild < heap.count else { break }
        var least = firstChild
        let end = Swift.min(firstChild &+ 4, heap.count)
        var child = firstChild &+ 1
        while child < end {
          if heap[child] < heap[least] { least = child }
          child &+= 1
        }
        guard heap[least] < event else { break }
        heap[hole] = heap[least]
        hole = least
      }
      heap[hole] = event
    }
    return first
  }
}
