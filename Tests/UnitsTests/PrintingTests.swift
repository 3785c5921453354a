import Testing
import Units

@Suite("Quantities written as text")
struct PrintingTests {
  @Test("whole numbers are grouped by thousands")
  func thousands() {
    #expect([0, 999, 1000, -1_234_567].map(grouped) == ["0", "999", "1,000", "-1,234,567"])
    #expect(grouped(.min) == "-9,223,372,036,854,775,808")
  }

  @Test("fixed-point text has the digits asked for")
  func digits() {
    #expect(fixed(2.0 / 3, 2) == "0.67")
    #expect(fixed(12.5, 0) == "12")
  }

  @Test("times choose their unit")
  func times() {
    let spans: [Double] = [0, 1e-9, 2.5e-6, 3.968e-3, 45.67e-3, 0.1234, 12]
    #expect(
      spans.map { Seconds($0).description } == [
        "0.00 ns", "1.00 ns", "2.50 µs", "3.97 ms", "45.7 ms", "123 ms", "12.0 s",
      ])
    #expect(Ticks(3_968_000_000).description == "3.97 ms")
  }

  @Test("bytes are binary, and single bytes whole")
  func bytes() {
    let sizes = [0, 1, 1023, 1024, 5_335_468_416, 80 << 30]
    #expect(
      sizes.map { Bytes($0).description } == [
        "0 B", "1 B", "1023 B", "1.00 KiB", "4.97 GiB", "80.0 GiB",
      ])
  }

  @Test("rates and work are decimal")
  func rates() {
    #expect(Bandwidth(bytesPerSecond: 3.35e12).description == "3.35 TB/s")
    #expect(Bandwidth.gigabytesPerSecond(450).description == "450 GB/s")
    #expect(Throughput.teraflopsPerSecond(989.4).description == "989 TFLOP/s")
    #expect(FLOPs(94_233_729_957_888).description == "94.2 TFLOP")
  }
}
