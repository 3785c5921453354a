import Estimation
import Rendering
import Units

/// What people read about a step of which only the length is known.
struct OutcomeReport {
  let estimate: OutcomeEstimate

  var document: Document {
    var document = Document()
    document.append(.heading(estimate.title, level: 1))
    document.append(.paragraph(estimate.planSummary))
    var table = TextTable([.init("result"), .init("value", .right), .init("of what")])
    for row in estimate.speedRows { table.append(row) }
    table.append(estimate.graphRow)
    document.append(.table(table))
    document.append(.paragraph(omission))
    document.append(.heading("How to read this", level: 2))
    document.append(
      .list([
        "Routing is balanced; ranks fill NVLink domains in order; every GPU has its own NIC rail.",
        estimate.scenario.launchRemark, estimate.contentionRemark,
      ]))
    return document
  }

  private var omission: String {
    let limit = estimate.mode.memory.map { ", more than the \($0) that they may take" } ?? ""
    return
      "The times of all operations would take \(estimate.timelineSize)\(limit), so only the ends of ranks were kept: the breakdown, the critical path, memory and pictures are left out. --fold auto gives them, and the same step time."
  }
}
