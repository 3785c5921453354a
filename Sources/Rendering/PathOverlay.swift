import Graph
import Parallelism
import Units

/// The critical path on a timeline: a red line below the compute lane of the rank it is on, with
/// connectors where it moves to another stage.
struct PathOverlay {
  static let color = "#E00000"
  static let paleColor = "#F4A6A6"

  /// A part of the path without a change of row.
  private struct Stay {
    let rank: Int
    let isExact: Bool
    let start: Int64
    var finish: Int64
  }

  private var stays: [Stay] = []
  private var nodeOfStay: [Int?] = []
  private var heightOfRank: [Int: Double] = [:]
  /// Whether the path visits ranks that the picture does not show.
  private(set) var leavesShownRanks = false

  /// - Parameter shown: the ranks of the picture; a path on another rank of a stage is drawn on the
  ///   stage's first shown rank.
  init(_ segments: [PathPicture.Segment], shown: [Int], graph: StepGraph) {
    for segment in segments {
      let isExact = shown.contains(segment.rank)
      let substitute = shown.first { graph.grid.pipelineRank(of: $0) == segment.pipelineStage }
      guard let rank = isExact ? segment.rank : substitute else { continue }
      leavesShownRanks = leavesShownRanks || !isExact
      if let last = stays.last, last.rank == rank, last.isExact == isExact {
        stays[stays.count - 1].finish = segment.finish.picoseconds
      } else {
        stays.append(
          Stay(
            rank: rank, isExact: isExact, start: segment.start.picoseconds,
            finish: segment.finish.picoseconds))
      }
    }
    nodeOfStay = Array(repeating: nil, count: stays.count)
  }

  /// Draws the parts of the path on one rank, just below a height.
  mutating func paint(rank: Int, y: Double, on sheet: inout Sheet, axis: TimeAxis) {
    heightOfRank[rank] = y + 2.5
    var lastDrawn: Double = -1
    for (number, stay) in stays.enumerated() where stay.rank == rank {
      let left = max(axis.left, axis.x(stay.start))
      let right = min(axis.right, axis.x(stay.finish))
      guard right > left, right > lastDrawn + 0.2 else { continue }
      lastDrawn = right
      nodeOfStay[number] = sheet.put(
        Sheet.Box(x: left, y: y + 1, width: max(0.3, right - left), height: 3),
        fill: stay.isExact ? Self.color : Self.paleColor,
        tooltip: "critical path on rank \(stay.rank) for \(Ticks(stay.finish - stay.start))",
        cssClass: "critical")
    }
  }

  /// Draws the moves between rows, at most one per three points of paper.
  func connect(on sheet: inout Sheet, axis: TimeAxis) {
    var lastDrawn = -10.0
    for number in stays.indices.dropFirst() {
      let (from, to) = (stays[number - 1], stays[number])
      guard from.rank != to.rank, let tail = nodeOfStay[number - 1], let head = nodeOfStay[number],
        let fromY = heightOfRank[from.rank], let toY = heightOfRank[to.rank]
      else { continue }
      let x = axis.x(to.start)
      guard x - lastDrawn >= 3 else { continue }
      lastDrawn = x
      sheet.connect(
        tail, head, along: [(x, fromY), (x, toY)], color: Self.color, width: 1.2,
        cssClass: "critical")
    }
  }
}
