/// Something that will end at a known time.
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

/// A four-way heap of completions, earliest first.
///
/// The queue holds few events (about one per rank) and turns over millions, so it is a flat array
/// with shallow levels; a min-max heap took twice the time on the flagship. What a completion starts
/// usually takes its place at the root, which saves a walk through the levels.
struct EventQueue {
  private var events: [Completion] = []
  private var scheduled: UInt32 = 0
  /// Whether the event at the root has been handed out and its place is free.
  private var isRootFree = false

  init(capacity: Int) { events.reserveCapacity(capacity) }

  mutating func schedule(_ subject: UInt32, at time: Int64) {
    let event = Completion(time: time, order: scheduled, subject: subject)
    scheduled &+= 1
    if isRootFree {
      isRootFree = false
      sink(event)
    } else {
      rise(event)
    }
  }

  mutating func next() -> Completion? {
    if isRootFree {
      isRootFree = false
      let last = events.removeLast()
      if !events.isEmpty { sink(last) }
    }
    guard let first = events.first else { return nil }
    isRootFree = true
    return first
  }

  /// Appends an event and moves it towards the root.
  private mutating func rise(_ event: Completion) {
    events.append(event)
    events.withUnsafeMutableBufferPointer { heap in
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

  /// Puts an event at the root and moves it towards the leaves.
  private mutating func sink(_ event: Completion) {
    events.withUnsafeMutableBufferPointer { heap in
      var hole = 0
      while true {
        let firstChild = hole << 2 &+ 1
        guard firstChild < heap.count else { break }
        var least = firstChild
        let end = min(firstChild &+ 4, heap.count)
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
  }
}
