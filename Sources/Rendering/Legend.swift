/// One entry of a picture's legend: a swatch and what it means.
struct LegendEntry {
  let fill: String?
  var stroke: String?
  var dashed = false
  /// Whether the swatch is a line rather than a box.
  var isLine = false
  let text: String

  /// The entry of a class of operations.
  init(_ operationClass: OperationClass) {
    fill = operationClass.color
    text = operationClass.label
  }

  init(
    fill: String?, stroke: String? = nil, dashed: Bool = false, isLine: Bool = false, text: String
  ) {
    self.fill = fill
    self.stroke = stroke
    self.dashed = dashed
    self.isLine = isLine
    self.text = text
  }
}

extension Sheet {
  /// Puts a title and its subtitle at the top left and returns the height below them.
  mutating func putTitle(_ title: PictureTitle) -> Double {
    write(title.headline, x: 0, y: 10, size: 15, bold: true, cssClass: "title")
    guard !title.subtitle.isEmpty else { return 26 }
    write(title.subtitle, x: 0, y: 28, size: 10, color: "#444444", cssClass: "subtitle")
    return 42
  }

  /// Puts a legend in rows within a width and returns the height below it.
  mutating func putLegend(_ entries: [LegendEntry], y: Double, width: Double) -> Double {
    var x = 0.0
    var middle = y + 7
    for entry in entries {
      let needed = 22 + textWidth(entry.text, size: 9) + 10
      if x > 0, x + needed > width {
        x = 0
        middle += 15
      }
      let swatch =
        entry.isLine
        ? Box(x: x, y: middle - 1.25, width: 16, height: 2.5)
        : Box(x: x, y: middle - 5, width: 16, height: 10)
      put(
        swatch, fill: entry.fill, stroke: entry.stroke, strokeWidth: 0.8, dashed: entry.dashed,
        cssClass: "legend")
      write(entry.text, x: x + 20, y: middle)
      x += needed
    }
    return middle + 12
  }
}
