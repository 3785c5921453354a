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
    let width = Self.left + Self.side
    let series = names.map { LegendEntry(fill: color($0), text: $0) }
    let below = sheet.putLegend(series, y: 30, width: width)
    let lines = [
      LegendEntry(fill: Self.equal, isLine: true, text: "equal"),
      LegendEntry(fill: Self.near, isLine: true, text: "20 % off"),
    ]
    let top = sheet.putLegend(lines, y: below - 4, width: width) + 20
    let scale = LogarithmicScale(
      points.flatMap { [$0.measured, $0.predicted] }, length: Self.side)
    paintFrame(of: scale, top: top, on: &sheet)
    let size = points.count < 200 ? 5.0 : 3.5
    for point in points {
      let x = Self.left + scale.place(point.measured)
      let y = top + Self.side - scale.place(point.predicted)
      sheet.put(
        Sheet.Box(x: x - size / 2, y: y - size / 2, width: size, height: size),
        fill: color(point.series),
        tooltip: "\(point.series): measured \(point.measured), predicted \(point.predicted)",
        cssClass: "point")
    }
    return sheet.drawing
  }

  private static let equal = "#444444"
  private static let near = "#A8A8A8"

  private func paintFrame(of scale: LogarithmicScale, top: Double, on sheet: inout Sheet) {
    let bottom = top + Self.side
    sheet.put(
      Sheet.Box(x: Self.left, y: top, width: Self.side, height: Self.side), fill: "#F7F7F7")
    for (time, label) in scale.ticks {
      let place = scale.place(time)
      sheet.put(
        Sheet.Box(x: Self.left + place - 0.25, y: top, width: 0.5, height: Self.side),
        fill: "#D9D9D9", cssClass: "grid")
      sheet.put(
        Sheet.Box(x: Self.left, y: bottom - place - 0.25, width: Self.side, height: 0.5),
        fill: "#D9D9D9", cssClass: "grid")
      sheet.write(label, x: Self.left + place, y: bottom + 11, anchor: .middle, color: Self.equal)
      sheet.write(label, x: Self.left - 6, y: bottom - place, anchor: .right, color: Self.equal)
    }
    for (factor, color) in [(1.2, Self.near), (1 / 1.2, Self.near), (1.0, Self.equal)] {
      paintLine(factor, color, of: scale, bottom: bottom, on: &sheet)
    }
    sheet.write(
      "measured", x: Self.left + Self.side / 2, y: bottom + 28, size: 10, anchor: .middle)
    sheet.write("predicted", x: Self.left, y: top - 9, size: 10)
  }

  /// The diagonal on which predictions are a factor off, within the frame.
  private func paintLine(
    _ factor: Double, _ color: String, of scale: LogarithmicScale, bottom: Double,
    on sheet: inout Sheet
  ) {
    let rise = scale.distance(of: factor)
    let ends = [max(0, -rise), Self.side - max(0, rise)].map { x in
      (x: Self.left + x, y: bottom - x - rise)
    }
    let nodes = ends.map { end in
      sheet.put(Sheet.Box(x: end.x, y: end.y, width: 0.01, height: 0.01), fill: color)
    }
    sheet.connect(
      nodes[0], nodes[1], along: ends, color: color, width: 0.7, arrow: false, cssClass: "diagonal")
  }
}
