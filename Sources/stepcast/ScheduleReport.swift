import Parallelism
import Rendering
import Units

/// What `stepcast schedule` says about a replayed order.
struct ScheduleReport {
  let label: String
  let replay: ScheduleReplay

  var order: PipelineOrder { replay.order }

  /// Activations per rank, released when the gradient passes through.
  var releasedPeaks: [Int] { order.peakInFlight(heldUntil: .inputGradient) }

  /// Activations per rank, held until the weights have their gradient.
  var heldPeaks: [Int] { order.peakInFlight(heldUntil: .weightGradient) }

  func document() -> Document {
    var document = Document()
    document.append(.heading("\(label): \(shape)", level: 1))
    document.append(
      .list([
        "makespan \(time(replay.makespan)), longest span of a rank \(time(replay.longestSpan))",
        "bubble \(percent(replay.bubbleFractionOfMakespan)) of the makespan, "
          + "\(percent(replay.bubbleOverIdeal)) over ideal (idle over busy time)",
      ]))
    document.append(.table(table()))
    document.append(.paragraph(order.text.trimmingSuffix { $0.isNewline }))
    return document
  }

  func drawing() -> Drawing {
    SchedulePicture(
      replay: replay,
      title: PictureTitle(
        subject: "Schedule", model: label, plan: shape,
        details: [
          "makespan \(time(replay.makespan))",
          "bubble \(percent(replay.bubbleFractionOfMakespan)) of the makespan, "
            + "\(percent(replay.bubbleOverIdeal)) over ideal",
          "F \(time(replay.times.forward)), dgrad \(time(replay.times.inputGradient)), "
            + "wgrad \(time(replay.times.weightGradient)), latency \(time(replay.times.latency))",
        ])
    ).drawing()
  }

  private var shape: String {
    let stages =
      switch order.placement {
      case .loop: "\(order.stages) stages in a loop"
      case .v: "\(order.stages) stages in a V"
      case .bidirectional: "\(order.stages) stages in two copies"
      }
    return "\(order.ranks) ranks, \(stages), \(order.microbatches) microbatches"
  }

  private func table() -> TextTable {
    var table = TextTable([
      .init("rank", .right), .init("start", .right), .init("end", .right), .init("busy", .right),
      .init("idle in span", .right), .init("peak activations", .right),
      .init("held until wgrad", .right),
    ])
    for rank in 0..<order.ranks {
      let row = replay.intervals[rank]
      table.append([
        "\(rank)", time(row.first?.start ?? 0), time(row.last?.end ?? 0), time(replay.busy[rank]),
        time(replay.spans[rank] - replay.busy[rank]), "\(releasedPeaks[rank])",
        "\(heldPeaks[rank])",
      ])
    }
    return table
  }

  private func percent(_ share: Double) -> String { "\(fixed(100 * share, 1)) %" }

  /// A time in the unit it was given in, with at most three decimals.
  private func time(_ time: Double) -> String {
    var text = fixed(time, 3)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}

extension String {
  /// The text without the characters at its end that match.
  fileprivate func trimmingSuffix(while matches: (Character) -> Bool) -> String {
    var text = self[...]
    while let last = text.last, matches(last) { text.removeLast() }
    return String(text)
  }
}
