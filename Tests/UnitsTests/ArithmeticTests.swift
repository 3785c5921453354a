import Testing
import Units

@Suite("Arithmetic between units")
struct ArithmeticTests {
  @Test("bytes over a rate is a time, work over a rate too, and work over a time a rate")
  func physics() {
    #expect(Bytes(3_350_000) / Bandwidth.gigabytesPerSecond(3350) == Seconds(1e-6))
    #expect(FLOPs(2e12) / Throughput.teraflopsPerSecond(1000) == Seconds(2e-3))
    #expect((FLOPs(2e12) / Seconds(2e-3)).teraflopsPerSecond == 1000)
    #expect(Throughput.teraflopsPerSecond(300) / .teraflopsPerSecond(1000) == 0.3)
    #expect(Seconds.milliseconds(3) / Seconds.milliseconds(2) == 1.5)
  }

  @Test("sums and multiples keep the unit")
  func sums() {
    var size = Bytes.kibibytes(1) + .mebibytes(1) - .kibibytes(1)
    size += .gibibytes(1)
    #expect(size.count == (1 << 20) + (1 << 30))
    #expect(3 * Bytes(5) == Bytes(15) && Bytes(15) / 4 == Bytes(3) && Bytes.zero < Bytes(1))
    var work = 2.0 * FLOPs(3) + FLOPs(1)
    work += FLOPs(1)
    #expect(work == FLOPs(8) && FLOPs.zero < work)
    var time = 2 * Seconds(1) + Seconds(1) * 3 - Seconds(4) / 2
    time += .microseconds(1)
    #expect(abs(time.value - 3.000001) < 1e-12 && Seconds.zero < time)
    #expect(abs(Seconds(2e-6).microseconds - 2) < 1e-12)
    #expect(abs(Seconds(2e-3).milliseconds - 2) < 1e-12)
    #expect((2 * Bandwidth.gigabytesPerSecond(1)).gigabytesPerSecond == 2)
    #expect(2 * Throughput(flopsPerSecond: 1) > Throughput(flopsPerSecond: 1))
  }

  @Test("formats have their width in bytes")
  func widths() {
    #expect(NumericFormat.allCases.map(\.width) == [4, 2, 2, 1])
  }
}
