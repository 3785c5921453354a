public import Graph
import Parallelism

/// All operations of one layer and microbatch on all ranks that meet in it, nothing collapsed.
///
/// Ranks are columns, operations are rows from top to bottom in launch order; a collective is drawn once,
/// across its members.
public struct LayerPicture: Sendable {
  public let graph: StepGraph
  public let title: PictureTitle
  public let layer: Int
  public let microbatch: Int
  /// The most nodes that are drawn; further ranks are counted and left out.
  public let nodeLimit: Int
  /// The stage that holds the layer.
  let stage: Int
  /// Indices of the layer's operations in the stage's program.
  let rows: [Int]
  /// The ranks that fit, ascending.
  let ranks: [Int]
  /// Nodes of the ranks that do not.
  let elided: Int

  /// - Parameters:
  ///   - rank: a rank whose partners are wanted; nil takes the first rank of the layer's stage.
  ///   - includesBackward: whether gradients are drawn below the forward.
  /// - Throws: `RenderingError.nothingToDraw` or `.noSuchRank`.
  public init(
    graph: StepGraph, layer: Int, microbatch: Int = 0, rank: Int? = nil,
    includesBackward: Bool = true, title: PictureTitle, nodeLimit: Int = 6000
  ) throws(RenderingError) {
    let grid = graph.grid
    if let rank, !(0..<grid.worldSize).contains(rank) {
      throw .noSuchRank(rank: rank, worldSize: grid.worldSize)
    }
    let found = graph.programs.lazy.map { program in
      program.operations.indices.filter { index in
        let operation = program.operations[index]
        return operation.layer == layer && operation.microbatch == microbatch
          && (includesBackward || operation.pass == .forward)
      }
    }.enumerated().first { !$0.element.isEmpty }
    guard let (stage, rows) = found else {
      let layers = graph.programs.flatMap { $0.operations.compactMap(\.layer) }
      throw .nothingToDraw(
        what: "layer \(layer), microbatch \(microbatch)",
        hint: """
          layers are 0 to \(layers.max() ?? 0), microbatches 0 to \
          \(graph.configuration.microbatches - 1)
          """)
    }
    let seed = grid.rank(rank ?? 0, movedToStage: stage)
    let meeting = ranksMeeting(seed, on: grid)
    let fitting = max(1, min(meeting.count, nodeLimit / rows.count))
    self.graph = graph
    self.layer = layer
    self.microbatch = microbatch
    self.title = title
    self.nodeLimit = nodeLimit
    self.stage = stage
    self.rows = rows
    ranks = Array(meeting.prefix(fitting))
    elided = (meeting.count - fitting) * rows.count
  }

  /// The picture, to be rendered in a format.
  public func drawing() -> Drawing {
    var painter = LayerPainter(self)
    return painter.paint()
  }
}

/// The ranks connected to a rank by the groups that layers use, ascending.
private func ranksMeeting(_ rank: Int, on grid: RankGrid) -> [Int] {
  var isFound = [Bool](repeating: false, count: grid.worldSize)
  var waiting = [rank]
  isFound[rank] = true
  while let next = waiting.popLast() {
    for family in [GroupFamily.tensorContext, .expertTensorExpert] {
      for member in grid.group(family, containing: next) where !isFound[member] {
        isFound[member] = true
        waiting.append(member)
      }
    }
  }
  return isFound.indices.filter { isFound[$0] }
}
