public import Units

/// The critical path of a step: the chain that decides its time, from left to right in rows.
///
/// Operations in a row on one stage, microbatch and direction are one box, with a bar of what they
/// consist of; repeating sequences of boxes are one sequence with its count. Below stand the classes of
/// operations that the path spends most time in, and the chains that come next.
public struct PathPicture: Sendable {
  public let title: PictureTitle
  /// In order of time.
  public let segments: [Segment]
  /// Nearly critical chains, least slack first.
  public let runnersUp: [RunnerUp]
  /// The time of the step, of which shares are taken.
  public let stepTime: Ticks
  /// The most boxes that are drawn; further ones in the middle are counted and left out.
  public let nodeLimit: Int

  public init(
    title: PictureTitle, segments: [Segment], runnersUp: [RunnerUp] = [], stepTime: Ticks,
    nodeLimit: Int = 64
  ) {
    precondition(nodeLimit >= 2, "a path has a beginning and an end")
    self.title = title
    self.segments = segments
    self.runnersUp = runnersUp
    self.stepTime = stepTime
    self.nodeLimit = nodeLimit
  }

  /// The picture, to be rendered in a format.
  public func drawing() -> Drawing {
    var painter = PathPainter(self)
    return painter.paint()
  }
}
