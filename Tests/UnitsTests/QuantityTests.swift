import Testing
import Units

@Suite("Quantities read from text")
struct QuantityTests {
  @Test(
    "every unit of bytes has its factor",
    arguments: [
      ("1 B", 1), ("1 kB", 1000), ("1 KB", 1000), ("1 MB", 1_000_000), ("1 GB", 1_000_000_000),
      ("1 TB", 1_000_000_000_000), ("1 KiB", 1 << 10), ("1 MiB", 1 << 20), ("1 GiB", 1 << 30),
      ("1 TiB", 1 << 40), ("80GiB", 80 << 30), ("1.5 KiB", 1536), ("1,024 B", 1024),
      ("1,234,567.5 kB", 1_234_567_500),
    ])
  func bytes(text: String, count: Int) throws {
    #expect(try Bytes(parsing: text).count == count)
  }

  @Test(
    "every unit of bandwidth has its factor, and bits become bytes",
    arguments: [
      ("1 B/s", 1), ("1 kB/s", 1e3), ("1 KB/s", 1e3), ("1 MB/s", 1e6), ("1 GB/s", 1e9),
      ("3.35 TB/s", 3.35e12), ("1 KiB/s", 1024), ("1 MiB/s", 1_048_576), ("1 GiB/s", 0x1p30),
      ("1 TiB/s", 0x1p40), ("100 Mb/s", 12.5e6), ("400 Gb/s", 50e9), ("1.6 Tb/s", 200e9),
      ("100 Mbps", 12.5e6), ("400 Gbps", 50e9), ("1.6 Tbps", 200e9), ("1e9 B/s", 1e9),
      ("+1E9B/s", 1e9), ("1e-3 GB/s", 1e6),
    ])
  func bandwidth(text: String, rate: Double) throws {
    #expect(try Bandwidth(parsing: text).bytesPerSecond == rate)
  }

  @Test(
    "every unit of throughput has its factor",
    arguments: [
      ("1 FLOP/s", 1), ("1 MFLOP/s", 1e6), ("1 GFLOP/s", 1e9), ("989.5 TFLOP/s", 989.5e12),
      ("1 PFLOP/s", 1e15), ("1 EFLOP/s", 1e18),
    ])
  func throughput(text: String, rate: Double) throws {
    #expect(try Throughput(parsing: text).flopsPerSecond == rate)
  }

  @Test(
    "every unit of time has its factor, with either letter for micro",
    arguments: [
      ("1 ns", 1e-9), (" 2.5 us", 2.5e-6), ("2.5 \u{B5}s", 2.5e-6), ("2.5\u{3BC}s ", 2.5e-6),
      ("4 ms", 4e-3), ("1 s", 1), ("0 s", 0),
    ])
  func seconds(text: String, value: Double) throws {
    #expect(abs(try Seconds(parsing: text).value - value) <= value * 1e-15)
  }

  @Test("a number without a unit is refused", arguments: ["3.35", " 80 ", "1e9"])
  func missingUnit(text: String) {
    let error = #expect(throws: QuantityError.self) { try Bandwidth(parsing: text) }
    #expect(error == .missingUnit(text: text, example: "3.35 TB/s"))
    #expect(error?.description == "\"\(text)\" has no unit; write for example \"3.35 TB/s\"")
  }

  @Test(
    "a text without a number is refused",
    arguments: [
      "fast", "", " ", "GB/s", "1,5 GB/s", "1,50,000 GB/s", ",500 GB/s", "1.2.3 GB/s", "--1 GB/s",
      "1.000,5 GB/s", "nan GB/s", "inf GB/s", "1e999 GB/s", "\u{2212}1 GB/s",
    ])
  func notANumber(text: String) {
    let error = #expect(throws: QuantityError.self) { try Bandwidth(parsing: text) }
    #expect(error == .notANumber(text: text, example: "3.35 TB/s"))
    #expect(
      error?.description == "\"\(text)\" is not a quantity; write for example \"3.35 TB/s\"")
  }

  @Test(
    "a unit that measures something else is refused with the ones that do",
    arguments: ["1 GB", "1 gb/s", "1 GB/s per GPU", "1 GB / s", "1 e9 B/s"])
  func unknownUnit(text: String) {
    let error = #expect(throws: QuantityError.self) { try Bandwidth(parsing: text) }
    #expect(error?.description.contains("expected one of B/s, kB/s") == true)
  }

  @Test("an amount below zero is refused")
  func negative() {
    let error = #expect(throws: QuantityError.self) { try Bandwidth(parsing: "-1 GB/s") }
    #expect(error == .negative(text: "-1 GB/s"))
    #expect(error?.description == "\"-1 GB/s\" is negative; expected zero or more")
  }

  @Test("an amount beyond what a value holds is refused, not trapped")
  func tooLarge() {
    let bytes = #expect(throws: QuantityError.self) { try Bytes(parsing: "1e30 B") }
    #expect(bytes == .tooLarge(text: "1e30 B"))
    #expect(
      bytes?.description
        == "\"1e30 B\" is too large to compute with; check the unit and the exponent")
    #expect(throws: QuantityError.tooLarge(text: "1e300 TB/s")) {
      try Bandwidth(parsing: "1e300 TB/s")
    }
  }
}
