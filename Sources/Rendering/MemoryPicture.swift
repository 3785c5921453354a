public import Memory
public import Units

/// Memory over the time of a step: a panel per stage, owners stacked, the peak marked.
public struct MemoryPicture: Sendable {
  /// One panel each.
  public let stages: [MemoryTimeline]
  /// What a rank may hold.
  public let capacity: Bytes
  /// From the left end of the time axis to the right.
  public let stepTime: Ticks
  public let title: PictureTitle
  /// The most boxes that are drawn; more stages or owners make the steps in time coarser.
  public let nodeLimit: Int

  static let width = 1180.0
  static let left = 58.0
  static let panelHeight = 190.0

  /// - Parameter stages: their times are picoseconds from the start of the step.
  public init(
    stages: [MemoryTimeline], capacity: Bytes, stepTime: Ticks, title: PictureTitle,
    nodeLimit: Int = 8000
  ) {
    self.stages = stages
    self.capacity = capacity
    self.stepTime = stepTime
    self.title = title
    self.nodeLimit = nodeLimit
  }

  /// The picture, to be rendered in a format.
  public func drawing() -> Drawing {
    var painter = MemoryPainter(self)
    return painter.paint()
  }
}
