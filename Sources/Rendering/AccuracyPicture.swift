import Foundation
public import Units

/// Predicted against measured times on two logarithmic axes, one colour per series.
public struct AccuracyPicture: Sendable {
  /// One measurement and its prediction.
  public struct Point: Hashable, Sendable {
    public let measured: Seconds
    public let predicted: Seconds
    public let series: String

    public init(measured: Seconds, predicted: Seconds, series: String) {
      self.measured = measured
      self.predicted = predicted
      self.series = series
    }
  }

  public let points: [Point]
  public let title: String

  private static let side = 560.0
  private static let left = 64.0
  /// Told apart by people who see few colours (Okabe and Ito).
  private static let colors = [
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8B6D2F", "#594A76",
    "#7F7F7F", "#000000",
  ]

  public init(points: [Point], title: String) {
    self.points = points.filter { $0.measured > .zero && $0.predicted > .zero }
    self.title = title
  }

  /// The picture, to be rendered in a format.
  public func drawing() -> Drawing {
    var sheet = Sheet()
    sheet.write(title, x: 0, y: 10, size: 15, bold: true)
    let names = Set(points.map(\.series)).sorted()
    let color = { (name: String) in
      Self.colors[(names.firstIndex(of: name) ?? 0) % Self.colors.count]
    }
    let legend =
      names.map { LegendEntry(fill: color($0), text: $0) }
      + [
        LegendEntry(fill: "#444444", isLine: true, text: "equal"),
        LegendEntry(fill: "#BBBBBB", isLine: true, text: "20 % off"),
      ]
    let top = sheet.putLegend(legend, y: 34, width: Self.left + Self.side) + 18
    let scale = LogarithmicScale(
      points.flatMap { [$0.measured, $0.predicted] }, length: Self.side)
    paintFrame(of: scale, top: top, on: &sheet)
    for point in points {
      let x = Self.left + scale.place(point.measured)
      let y = top + Self.side - scale.place(point.predicted)
      sheet.put(
        Sheet.Box(x: x - 1.75, y: y - 1.75, width: 3.5, height: 3.5), fill: color(point.series),
        tooltip: "\(point.series): measured \(point.measured), predicted \(point.predicted)",
        cssClass: "point")
    }
    return sheet.drawing
  }

  private func paintFrame(of scale: LogarithmicScale, top: Double, on sheet: inout Sheet) {
    let bottom = top + Self.side
    sheet.put(
      Sheet.Box(x: Self.left, y: top, width: Self.side, height: Self.side), fill: "#F7F7F7")
    for tick in scale.ticks {
      let place = scale.place(tick)
      sheet.put(
        Sheet.Box(x: Self.left + place - 0.25, y: top, width: 0.5, height: Self.side),
        fill: "#D9D9D9", cssClass: "grid")
      sheet.put(
        Sheet.Box(x: Self.left, y: bottom - place - 0.25, width: Self.side, height: 0.5),
        fill: "#D9D9D9", cssClass: "grid")
      sheet.write(
        tick.description, x: Self.left + place, y: bottom + 11, size: 8.5, anchor: .middle,
        color: "#444444")
      sheet.write(
        tick.description, x: Self.left - 6, y: bottom - place, size: 8.5, anchor: .right,
        color: "#444444")
    }
    for (factor, color) in [(1.2, "#BBBBBB"), (1 / 1.2, "#BBBBBB"), (1.0, "#444444")] {
      paintLine(factor, color, of: scale, bottom: bottom, on: &sheet)
    }
    sheet.write(
      "measured", x: Self.left + Self.side / 2, y: bottom + 27, size: 10, anchor: .middle)
    sheet.write("predicted", x: 0, y: top - 8, size: 10)
  }

  /// The diagonal on which predictions are a factor off, as a row of dots.
  private func paintLine(
    _ factor: Double, _ color: String, of scale: LogarithmicScale, bottom: Double,
    on sheet: inout Sheet
  ) {
    for dot in stride(from: 0.0, through: Self.side, by: 2) {
      let y = scale.place(factor * scale.value(at: dot))
      guard (0...Self.side).contains(y) else { continue }
      sheet.put(
        Sheet.Box(x: Self.left + dot - 0.4, y: bottom - y - 0.4, width: 0.8, height: 0.8),
        fill: color, cssClass: "diagonal")
    }
  }
}

/// Times on a logarithmic axis of some length.
struct LogarithmicScale {
  private let lowest: Double
  private let perDecade: Double
  /// Round times on the axis: every power of ten.
  let ticks: [Seconds]

  init(_ times: [Seconds], length: Double) {
    let exponents = times.map { log10($0.value) }
    let low = (exponents.min() ?? 0).rounded(.down)
    let high = max(low + 1, (exponents.max() ?? 1).rounded(.up))
    lowest = low
    perDecade = length / (high - low)
    ticks = stride(from: low, through: high, by: 1).map { Seconds(pow(10, $0)) }
  }

  func place(_ time: Seconds) -> Double { (log10(time.value) - lowest) * perDecade }

  func value(at place: Double) -> Seconds { Seconds(pow(10, lowest + place / perDecade)) }
}
