import Parallelism
import Testing

@testable import Rendering

@Suite("Pictures of schedules") struct SchedulePictureTests {
  private func drawing(of schedule: PipelineSchedule, nodeLimit: Int = 8000) throws -> Drawing {
    let order = try schedule.order(ranks: 4, chunks: schedule.usualChunks, microbatches: 8)
    return SchedulePicture(
      replay: try ScheduleReplay(order),
      title: PictureTitle(subject: "Schedule", model: schedule.label, plan: "4 ranks"),
      nodeLimit: nodeLimit
    ).drawing()
  }

  private func slots(in drawing: Drawing) throws -> Int {
    try drawing.svg().split(separator: "class=\"node slot ").count - 1
  }

  @Test("every slot is one box, paired ones side by side", arguments: PipelineSchedule.names)
  func boxes(name: String) throws {
    let schedule = try PipelineSchedule(named: name)
    guard schedule != .chimera else { return }
    let order = try schedule.order(ranks: 4, chunks: schedule.usualChunks, microbatches: 8)
    let drawing = try drawing(of: schedule)
    #expect(try slots(in: drawing) == order.slots.joined().count)
    #expect(drawing.elided == 0)
    let texts = try drawing.svg()
    #expect(
      texts.contains("two in one box") == order.slots.joined().contains(where: \.pairsWithNext))
  }

  @Test("slots beyond the limit are counted and left out")
  func limit() throws {
    let drawing = try drawing(of: .gpipe, nodeLimit: 10)
    #expect(try slots(in: drawing) == 10)
    #expect(drawing.elided == 2 * 4 * 8 - 10)
    #expect(try drawing.svg().contains("54 slots elided"))
  }
}
