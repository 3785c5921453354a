import Graph
import Parallelism
import Simulation
import Units

/// Puts a timeline picture on a sheet, from top to bottom.
struct TimelinePainter {
  let picture: TimelinePicture
  let axis: TimeAxis
  var sheet = Sheet()
  /// Blocks drawn, and those left out.
  var blocks = 0
  var elided = 0
  private var classes: [OperationClass] = []
  private var hasIdle = false
  private var overlay: PathOverlay

  init(_ picture: TimelinePicture) {
    self.picture = picture
    axis = TimeAxis(
      window: picture.window.lowerBound.picoseconds..<picture.window.upperBound.picoseconds,
      left: TimelinePicture.gutter, right: TimelinePicture.width)
    overlay = PathOverlay(picture.criticalPath, shown: picture.ranks, graph: picture.timeline.graph)
  }

  mutating func paint() -> Drawing {
    let rows = picture.ranks.map { rank in
      RankRow(picture.timeline, rank: rank, axis: axis)
    }
    classes = OperationClass.allCases.filter { wanted in
      rows.contains {
        $0.lanes.contains {
          $0.blocks.contains { $0.busy.contains { $0.operationClass == wanted } }
        }
      }
    }
    let top = sheet.putTitle(picture.title)
    let legendBottom = sheet.putLegend(legend, y: top, width: TimelinePicture.width)
    let firstLane = legendBottom + 20
    let bottom = firstLane + rows.reduce(0) { $0 + $1.height }
    putAxis(y: legendBottom + 10, bottom: bottom - 6)
    var y = firstLane
    for row in rows {
      paint(row, y: y)
      y += row.height
    }
    overlay.connect(on: &sheet, axis: axis)
    sheet.write(
      "time in ms; numbers are microbatches; the height of a bar is the share of its span in which the stream is busy",
      x: TimelinePicture.gutter, y: y + 4, size: 8.5, color: "#444444")
    sheet.noteElided(elided, of: "blocks", x: TimelinePicture.gutter, y: y + 18)
    return sheet.drawing
  }

  private var legend: [LegendEntry] {
    var entries = classes.map { LegendEntry($0) }
    entries.append(
      LegendEntry(
        fill: "#FFFFFF", stroke: "#888888", dashed: true,
        text: "rank idle: bubble or waiting (share of step)"))
    if !picture.criticalPath.isEmpty {
      entries.append(LegendEntry(fill: PathOverlay.color, isLine: true, text: "critical path"))
      if overlay.leavesShownRanks {
        entries.append(
          LegendEntry(
            fill: PathOverlay.paleColor, isLine: true,
            text: "critical path on another rank of the stage"))
      }
    }
    return entries
  }

  private mutating func putAxis(y: Double, bottom: Double) {
    for tick in axis.ticks {
      let x = axis.x(tick.picoseconds)
      sheet.put(
        Sheet.Box(x: x - 0.25, y: y + 6, width: 0.5, height: bottom - y - 6), fill: "#D9D9D9",
        cssClass: "grid")
      sheet.write(
        tick.label, x: x, y: y, size: 8.5, anchor: .middle, color: "#444444", cssClass: "tick")
    }
    sheet.write(
      "ms", x: TimelinePicture.gutter - 14, y: y, size: 8.5, anchor: .right, color: "#444444")
  }

  private mutating func paint(_ row: RankRow, y: Double) {
    sheet.write(row.name, x: 0, y: y + 6, size: 10, bold: true, cssClass: "rank")
    sheet.write(
      "idle \(percentage(row.idle.total, of: axis.span))", x: 0, y: y + 20, size: 8.5,
      color: "#444444",
      cssClass: "idle")
    var laneY = y
    for (number, lane) in row.lanes.enumerated() {
      let height = RankRow.height(of: lane)
      sheet.put(
        Sheet.Box(
          x: axis.left, y: laneY, width: axis.right - axis.left, height: height), fill: "#F7F7F7",
        cssClass: "lane")
      let name = lane.stream == .compute ? "compute" : lane.stream.label.uppercased()
      sheet.write(
        name, x: axis.left - 5, y: laneY + height / 2, size: 8.5, anchor: .right, color: "#444444")
      if number == 0 { paintIdle(row, y: laneY, height: height) }
      for block in lane.blocks { paint(block, of: lane, y: laneY, height: height) }
      if number == 0 {
        overlay.paint(rank: row.rank, y: laneY + height, on: &sheet, axis: axis)
      }
      laneY += height + RankRow.spacing(after: lane)
    }
  }

  private mutating func paintIdle(_ row: RankRow, y: Double, height: Double) {
    for gap in row.idle.gaps {
      let left = axis.x(gap.lowerBound)
      let width = axis.x(gap.upperBound) - left
      guard width >= 4 else { continue }
      let share = percent(gap.upperBound - gap.lowerBound)
      sheet.put(
        Sheet.Box(x: left + 0.5, y: y + 2, width: width - 1, height: height - 4), fill: "#FFFFFF",
        stroke: "#888888", dashed: true,
        text: width > textWidth(share, size: 8.5) + 3 ? share : "", textSize: 8.5,
        textColor: "#444444",
        tooltip: "idle for \(Ticks(gap.upperBound - gap.lowerBound)), \(share) of the step",
        cssClass: "bubble")
    }
  }

  private func percent(_ picoseconds: Int64) -> String {
    percentage(picoseconds, of: picture.timeline.makespan.picoseconds)
  }
}

/// A share of a whole, for example `3.1 %`.
func percentage(_ part: Int64, of whole: Int64) -> String {
  "\(fixed(100 * Double(part) / Double(max(1, whole)), 1)) %"
}
