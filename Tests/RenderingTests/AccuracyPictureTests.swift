import Foundation
import Testing
import Units

@testable import Rendering

@Suite("Pictures of accuracy")
struct AccuracyPictureTests {
  @Test("axes end and tick at 1, 2 or 5, at powers of ten where there are many, and in order")
  func ticks() {
    let cases: [(times: [Double], labels: [String])] = [
      ([1.1, 18], ["1 s", "2 s", "5 s", "10 s", "20 s"]),
      ([0.03, 0.07], ["20 ms", "50 ms", "100 ms"]),
      ([1e-6, 1e-6], ["1 µs", "2 µs"]),
      ([3e-6, 0.03], ["10 µs", "100 µs", "1 ms", "10 ms"]),
      ([], ["1 s", "2 s"]),
    ]
    for (times, labels) in cases {
      let scale = LogarithmicScale(times.map { Seconds($0) }, length: 100)
      #expect(scale.ticks.map(\.label) == labels)
      for time in times { #expect((-1e-9...100 + 1e-9).contains(scale.place(Seconds(time)))) }
      let places = scale.ticks.map { scale.place($0.time) }
      #expect(places == places.sorted())
    }
  }

  @Test("a decade is as long everywhere on the axis")
  func logarithmic() {
    let scale = LogarithmicScale([Seconds(1e-3), Seconds(10)], length: 400)
    #expect(abs(scale.place(Seconds(0.01)) - 100) < 1e-9)
    #expect(abs(scale.place(Seconds(1)) - 300) < 1e-9)
    #expect(abs(scale.distance(of: 10) - 100) < 1e-9)
  }

  @Test("every row with two times is one point; the legend names each series once")
  func points() throws {
    let pairs = [(1.0, 1.1, "A"), (2, 1.5, "B"), (0, 1, "C"), (3, 3, "A")]
    let picture = AccuracyPicture(
      points: pairs.map {
        .init(measured: Seconds($0.0), predicted: Seconds($0.1), series: $0.2)
      }, title: "Rows")
    #expect(picture.points.count == 3)
    let text = try picture.drawing().svg()
    #expect(text.components(separatedBy: "class=\"node point\"").count - 1 == 3)
    #expect(text.components(separatedBy: ">A<").count - 1 == 1)
    #expect(!text.contains(">C<"))
  }
}
