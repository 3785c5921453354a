public import Parallelism

/// A pipeline order over time, as papers draw it: a row per rank, a box per slot, its microbatch in it.
public struct SchedulePicture: Sendable {
  public let replay: ScheduleReplay
  public let title: PictureTitle
  /// The most slots that are drawn; further ones are counted and left out.
  public let nodeLimit: Int

  public init(replay: ScheduleReplay, title: PictureTitle, nodeLimit: Int = 8000) {
    self.replay = replay
    self.title = title
    self.nodeLimit = nodeLimit
  }

  /// The picture, to be rendered in a format.
  public func drawing() -> Drawing {
    var painter = SchedulePainter(self)
    return painter.paint()
  }
}
