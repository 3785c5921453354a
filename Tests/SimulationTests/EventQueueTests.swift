import TestGraphs
import Testing

@testable import Simulation

@Suite("event queue")
struct EventQueueTests {
  @Test("a completion is 16 bytes")
  func size() {
    #expect(MemoryLayout<Completion>.stride == 16)
  }

  @Test("completions come in order of time, and of scheduling where times are equal")
  func sorted() {
    for seed in 0..<300 {
      var random = SeededGenerator(seed: seed)
      let count = Int.random(in: 0...80, using: &random)
      let latest = Int64.random(in: 0...40, using: &random)
      var queue = EventQueue(subjects: count)
      var expected: [(time: Int64, order: Int, subject: UInt32)] = []
      for order in 0..<count {
        let time = Int64.random(in: 0...latest, using: &random)
        queue.schedule(UInt32(order), at: time)
        expected.append((time, order, UInt32(order)))
      }
      expected.sort { ($0.time, $0.order) < ($1.time, $1.order) }
      for event in expected {
        let found = queue.next()
        #expect(found?.time == event.time && found?.subject == event.subject, "seed \(seed)")
      }
      #expect(queue.next() == nil)
    }
  }

  @Test("completions scheduled on the way come in order too")
  func turnover() {
    for seed in 0..<300 {
      var random = SeededGenerator(seed: seed)
      let subjects = 12
      var queue = EventQueue(subjects: subjects)
      var waiting: [(time: Int64, order: Int, subject: UInt32)] = []
      var idle = (0..<UInt32(subjects)).reversed() as [UInt32]
      var order = 0
      var now: Int64 = 0
      for _ in 0..<200 {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          guard let subject = idle.popLast() else { break }
          let time = now + .random(in: 0...3, using: &random)
          queue.schedule(subject, at: time)
          waiting.append((time, order, subject))
          order += 1
        }
        let earliest = waiting.min { ($0.time, $0.order) < ($1.time, $1.order) }
        let found = queue.next()
        #expect(
          found?.time == earliest?.time && found?.subject == earliest?.subject, "seed \(seed)")
        guard let earliest else { continue }
        waiting.removeAll { $0.order == earliest.order }
        idle.append(earliest.subject)
        now = earliest.time
      }
    }
  }
}
