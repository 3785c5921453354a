public import Cost
public import Graph
import Parallelism
import Units

/// The step of each pipeline stage with everything that repeats folded into one: what a rank does,
/// how often, and what it hands on.
public struct StagePicture: Sendable {
  public let graph: StepGraph
  /// Prices the operations, if given: each line then says its time per rank and step.
  public let costs: StepCosts?
  public let title: PictureTitle
  /// The stages shown.
  public let stages: [Int]
  /// The most nodes that are drawn; further ones are counted and left out.
  public let nodeLimit: Int

  /// - Parameter stages: nil shows all, or where there are more than four, the first two and the last
  ///   two: the ones between do what the second does.
  public init(
    graph: StepGraph, costs: StepCosts? = nil, stages: [Int]? = nil, title: PictureTitle,
    nodeLimit: Int = 400
  ) {
    let count = graph.programs.count
    self.graph = graph
    self.costs = costs
    self.title = title
    self.nodeLimit = nodeLimit
    self.stages = stages ?? (count <= 4 ? Array(0..<count) : [0, 1, count - 2, count - 1])
  }

  /// The picture, to be rendered in a format.
  public func drawing() -> Drawing {
    var painter = StagePainter(self)
    return painter.paint()
  }
}
