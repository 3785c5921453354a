import Graph
import Units

extension StagePainter {
  /// Draws the dependencies between the blocks of one stage.
  mutating func putEdges(ofStageAt position: Int) {
    let column = columns[position]
    let around = column.summary.edges.filter { column.goesAround($0) }
    var lanes = [0, 0]
    for edge in column.summary.edges {
      guard let tail = nodes[position][edge.tail], let head = nodes[position][edge.head] else {
        continue
      }
      let (from, to) = (column.boxes[edge.tail], column.boxes[edge.head])
      let (start, end) = (column.summary.nodes[edge.tail].key, column.summary.nodes[edge.head].key)
      guard start.direction != .step, end.direction != .step else { continue }
      let isForward = start.direction == .forward
      let label = edge.label
      if column.isNext(edge.head, after: edge.tail) {
        let x = from.middleX
        let (startY, endY) = isForward ? (from.bottom, to.y) : (from.y, to.bottom)
        sheet.connect(tail, head, along: [(x, startY), (x, endY)], color: Self.edgeColor)
        sheet.write(
          label, x: x + 5, y: isForward ? to.y - 12 : from.y - 12, size: 8, color: "#444444")
      } else if start.direction == end.direction {
        let lane = lanes[isForward ? 0 : 1]
        lanes[isForward ? 0 : 1] += 1
        let count = around.count { column.summary.nodes[$0.tail].key.direction == start.direction }
        putAround(
          tail, head, from, to, label: label, isForward: isForward, lane: lane, lanes: count)
      } else {
        let (startX, endX) = isForward ? (from.right, to.x) : (from.x, to.right)
        let y = (from.y + 7.5, to.y + 7.5)
        sheet.connect(
          tail, head, along: [(startX, y.0), (endX, y.1)], color: Self.edgeColor)
        sheet.write(
          label, x: (startX + endX) / 2, y: min(y.0, y.1) - 14, size: 8, anchor: .middle,
          color: "#444444")
      }
    }
  }

  /// An edge past other blocks, in the margin beside the column; dashed where it leads to the next
  /// layer.
  private mutating func putAround(
    _ tail: Int, _ head: Int, _ from: Sheet.Box, _ to: Sheet.Box, label: String, isForward: Bool,
    lane: Int, lanes: Int
  ) {
    // Steps of a line's height, so that labels do not lie on one another.
    let shift = Double(lane % 4) * 10
    let startY = max(from.y + 4, from.bottom - 8 - shift)
    let endY = min(to.bottom - 4, to.y + 8 + shift / 2)
    let side = isForward ? -1.0 : 1.0
    let edge = isForward ? from.x : from.right
    let x = edge + side * (9 + 7 * Double(lane))
    let isLoop = isForward ? from.y > to.y : from.y < to.y
    sheet.connect(
      tail, head, along: [(edge, startY), (x, startY), (x, endY), (edge, endY)],
      color: Self.edgeColor, dashed: isLoop)
    // Labels stand beyond all lanes, at the height where their edge begins.
    let labelX = edge + side * (9 + 7 * Double(lanes))
    let anchor = isForward ? Sheet.Anchor.right : .left
    sheet.write(
      isLoop ? "next layer \(label)" : label, x: labelX, y: startY, size: 8, anchor: anchor,
      color: "#444444")
  }

  /// One edge per kind of message between two shown stages, around the blocks.
  mutating func putTransfers() {
    var count = 0
    for (position, stage) in picture.stages.enumerated() {
      let program = picture.graph.programs[stage]
      var done: Set<[Int]> = []
      for (index, operation) in program.operations.enumerated() where operation.meeting == .send {
        guard let peer = picture.stages.firstIndex(of: operation.peer) else { continue }
        let tailNode = columns[position].summary.nodeOfOperation[index]
        let headNode = columns[peer].summary.nodeOfOperation[operation.partner]
        guard let tail = nodes[position][tailNode], let head = nodes[peer][headNode],
          done.insert([peer, tailNode, headNode]).inserted
        else { continue }
        let messages = program.operations.count {
          $0.meeting == .send && $0.peer == operation.peer && $0.kind == operation.kind
        }
        let bytes = picture.graph.works[operation.work].outputBytes.map { "\($0) " } ?? ""
        let isForward = operation.kind == .sendActivation
        let (from, to) = (columns[position].boxes[tailNode], columns[peer].boxes[headNode])
        let shift = Double(count % 3) * 5
        let x = (isForward ? columns[peer].left + 12 : columns[peer].right - 12) + shift - 5
        let turn = turningHeight(from: position, to: peer, isForward: isForward, shift: shift)
        var course: [(x: Double, y: Double)] = [
          (from.middleX, isForward ? from.bottom : from.y), (from.middleX, turn), (x, turn),
          (x, to.y + 20), (isForward ? to.x : to.right, to.y + 20),
        ]
        if isForward, abs(position - peer) > 1 {
          // Past the stage's own step-wide blocks, then below everything.
          let (aside, below) = (columns[position].left + 22, columns[position].passBottom - 6)
          course.replaceSubrange(
            1...1, with: [(from.middleX, below), (aside, below), (aside, turn)])
        }
        sheet.connect(
          tail, head, along: course, color: OperationClass.pipeline.color, width: 2,
          cssClass: "transfer")
        sheet.write(
          "\(bytes)×\(grouped(messages))", x: from.middleX + 6, y: course[1].y - 7,
          size: 8.5, bold: true, color: OperationClass.pipeline.color)
        count += 1
      }
    }
  }

  /// Where a message between stages runs across: between its stage's passes and the step-wide blocks,
  /// or above the stage's blocks; past everything else when the stages are not neighbours.
  private func turningHeight(from position: Int, to peer: Int, isForward: Bool, shift: Double)
    -> Double
  {
    let column = columns[position]
    let isNeighbour = abs(position - peer) == 1
    if !isForward { return column.top + (isNeighbour ? 33 - shift / 2 : -8) }
    return isNeighbour
      ? column.passBottom - 6 + shift : (columns.map(\.bottom).max() ?? column.bottom) + 6
  }
}
