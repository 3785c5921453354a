import Testing
import Units

@Suite("The integer clock")
struct ClockTests {
  @Test(
    "costs become ticks by rounding to the nearest picosecond",
    arguments: [
      (0, 0), (1e-12, 1), (1.4e-12, 1), (1.6e-12, 2), (2.5e-6, 2_500_000), (1, 1_000_000_000_000),
      (1e-15, 0),
    ])
  func rounding(seconds: Double, picoseconds: Int64) {
    #expect(Ticks(rounding: Seconds(seconds)).picoseconds == picoseconds)
  }

  @Test("a span survives the way to seconds and back", arguments: [0, 1, 999, 123_456_789_012])
  func roundTrip(picoseconds: Int64) {
    #expect(Ticks(rounding: Ticks(picoseconds).seconds) == Ticks(picoseconds))
  }

  @Test("instants and spans add up exactly in any order")
  func exactSums() {
    let spans = (1...1000).map { Ticks(Int64($0 * 7919 % 1013)) }
    let forward = spans.reduce(Instant.zero, +)
    let backward = spans.reversed().reduce(Instant.zero, +)
    #expect(forward == backward)
    #expect(forward - .zero == forward.elapsed)
    #expect(3 * Ticks(5) - Ticks(15) == .zero)
    #expect(Instant(1) < Instant(2) && Ticks(1) < Ticks(2))
  }
}
