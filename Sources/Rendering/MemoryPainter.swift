import Memory
import Units

/// Puts a memory picture on a sheet, from top to bottom.
struct MemoryPainter {
  private static let panelGap = 34.0

  private let picture: MemoryPicture
  private let time: TimeAxis
  private let size: MemoryAxis
  private let columns: Int
  private var sheet = Sheet()

  init(_ picture: MemoryPicture) {
    self.picture = picture
    time = TimeAxis(
      window: 0..<max(1, picture.stepTime.picoseconds), left: MemoryPicture.left,
      right: MemoryPicture.width)
    size = MemoryAxis(
      peak: picture.stages.map(\.peak.breakdown.total).max() ?? .zero, capacity: picture.capacity,
      height: MemoryPicture.panelHeight)
    // Of the owners of a stage, about eight come and go.
    let perColumn = 8 * max(1, picture.stages.count)
    columns = min(400, max(20, picture.nodeLimit / perColumn))
  }

  mutating func paint() -> Drawing {
    let top = sheet.putTitle(picture.title)
    let owners = MemoryOwner.stack.filter { owner in
      picture.stages.contains { $0.most { $0 == owner } > .zero }
    }
    var y = sheet.putLegend(legend(owners), y: top, width: MemoryPicture.width) + 22
    for stage in picture.stages {
      paint(stage, owners: owners, y: y)
      y += MemoryPicture.panelHeight + Self.panelGap
    }
    putTimes(y: y - Self.panelGap + 10)
    return sheet.drawing
  }

  private func legend(_ owners: [MemoryOwner]) -> [LegendEntry] {
    owners.map { LegendEntry(fill: $0.color, text: $0.label) } + [
      LegendEntry(fill: "#B00000", isLine: true, text: "usable memory, \(picture.capacity)"),
      LegendEntry(fill: "#000000", isLine: true, text: "peak"),
    ]
  }

  private mutating func paint(_ stage: MemoryTimeline, owners: [MemoryOwner], y: Double) {
    let bottom = y + MemoryPicture.panelHeight
    sheet.put(
      Sheet.Box(
        x: time.left, y: y, width: time.right - time.left, height: MemoryPicture.panelHeight),
      fill: "#F7F7F7", cssClass: "lane")
    for tick in size.ticks {
      let height = bottom - size.height(of: tick.size)
      sheet.put(
        Sheet.Box(x: time.left, y: height - 0.25, width: time.right - time.left, height: 0.5),
        fill: "#D9D9D9", cssClass: "grid")
      sheet.write(
        tick.label, x: time.left - 5, y: height, size: 8.5, anchor: .right, color: "#444444",
        cssClass: "tick")
    }
    let samples = stage.samples(columns, over: time.window)
    var floors = [Bytes](repeating: .zero, count: samples.count)
    for owner in owners {
      paint(owner, samples, floors: floors, bottom: bottom)
      for column in floors.indices { floors[column] += samples[column][owner] }
    }
    let limit = bottom - size.height(of: picture.capacity)
    if limit >= y {
      sheet.put(
        Sheet.Box(x: time.left, y: limit - 0.75, width: time.right - time.left, height: 1.5),
        fill: "#B00000", cssClass: "capacity")
    }
    putPeak(of: stage, y: y, bottom: bottom)
  }

  /// One owner's band, columns of equal bounds joined.
  private mutating func paint(
    _ owner: MemoryOwner, _ samples: [MemoryBreakdown], floors: [Bytes], bottom: Double
  ) {
    let width = (time.right - time.left) / Double(samples.count)
    var first = 0
    while first < samples.count {
      var end = first + 1
      while end < samples.count, samples[end][owner] == samples[first][owner],
        floors[end] == floors[first]
      {
        end += 1
      }
      let height = size.height(of: samples[first][owner])
      if height >= 0.05 {
        let foot = bottom - size.height(of: floors[first])
        sheet.put(
          Sheet.Box(
            x: time.left + Double(first) * width, y: foot - height,
            width: Double(end - first) * width, height: height), fill: owner.color,
          tooltip: "\(owner.label): \(samples[first][owner])",
          cssClass: "memory \(owner.cssClass)")
      }
      first = end
    }
  }

  private mutating func putPeak(of stage: MemoryTimeline, y: Double, bottom: Double) {
    let peak = stage.peak
    let x = time.x(peak.time)
    let height = size.height(of: peak.breakdown.total)
    sheet.put(
      Sheet.Box(x: x - 0.5, y: bottom - height - 7, width: 1, height: 7), fill: "#000000",
      cssClass: "peak")
    sheet.put(
      Sheet.Box(x: x - 4, y: bottom - height - 1, width: 8, height: 1), fill: "#000000",
      cssClass: "peak")
    let owners = peak.breakdown.owners.prefix(5).map { "\($0.label) \(peak.breakdown[$0])" }
    let over = peak.breakdown.total - picture.capacity
    let verdict = over > .zero ? ", \(over) too much" : ""
    sheet.write(
      "stage \(stage.pipelineRank)", x: 0, y: y - 9, size: 10, bold: true, cssClass: "rank")
    sheet.write(
      "peak \(peak.breakdown.total)\(verdict) at \(Ticks(peak.time)): "
        + owners.joined(separator: ", "),
      x: time.left, y: y - 9, size: 8.5, color: over > .zero ? "#B00000" : "#444444",
      cssClass: "peak")
  }

  private mutating func putTimes(y: Double) {
    for tick in time.ticks {
      sheet.write(
        tick.label, x: time.x(tick.picoseconds), y: y, size: 8.5, anchor: .middle,
        color: "#444444", cssClass: "tick")
    }
    sheet.write("ms", x: time.left - 14, y: y, size: 8.5, anchor: .right, color: "#444444")
  }
}
