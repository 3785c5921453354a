import Foundation
import Graph
import Lowering
import Model
import Parallelism
import Rendering
import Simulation
import TestSupport
import Testing
import Units

@Suite("Pictures") struct PictureTests {
  /// The nodes of a drawing with a class.
  static func nodes(_ drawing: Drawing, ofClass name: String) -> [Drawing.Node] {
    drawing.nodes.filter { node in
      node.attributes.contains { attribute in
        guard attribute.name == "class", case .literal(let value) = attribute.value else {
          return false
        }
        return value.split(separator: " ").contains { $0 == name }
      }
    }
  }

  /// All texts of a drawing, as they are shown.
  static func texts(_ drawing: Drawing) -> [String] {
    drawing.nodes.compactMap { node in
      for attribute in node.attributes where attribute.name == "label" {
        switch attribute.value {
        case .text(let text), .leftText(let text), .rightText(let text): return text
        case .literal, .html: return nil
        }
      }
      return nil
    }
  }

  /// A drawing as lines of text that do not depend on Graphviz or fonts.
  static func described(_ drawing: Drawing) -> String {
    func line(_ attributes: Drawing.Attributes) -> String {
      attributes.map { attribute in
        switch attribute.value {
        case .literal(let text), .html(let text): "\(attribute.name)=\(text)"
        case .text(let text), .leftText(let text), .rightText(let text):
          "\(attribute.name)=\"\(text.replacing("\n", with: "⏎"))\""
        }
      }.joined(separator: " ")
    }
    let nodes = drawing.nodes.map { "\($0.name): \(line($0.attributes))" }
    let edges = drawing.edges.map { "n\($0.tail) -> n\($0.head): \(line($0.attributes))" }
    return (nodes + edges).joined(separator: "\n") + "\n"
  }

  static func expectSound(_ drawing: Drawing) throws {
    let svg = try drawing.svg()
    #expect(try XMLShape(svg).isBalanced)
    #expect(svg.ranges(of: "class=\"node").count == drawing.nodes.count)
    #expect(svg.ranges(of: "class=\"edge").count == drawing.edges.count)
  }

  // Timeline

  @Test("the timeline of the tiny step is drawn as reviewed")
  func timelineGolden() throws {
    let timeline = try TinyStep.timeline()
    let drawing = try TimelinePicture(timeline: timeline, title: TinyStep.title).drawing()
    let text = Self.described(drawing)
    #expect(try text == Golden.reviewed("timeline.txt", found: text))
    try Self.expectSound(drawing)
  }

  @Test("a timeline shows every operation of the chosen ranks that takes time")
  func timelineIsComplete() throws {
    let timeline = try TinyStep.timeline()
    let drawing = try TimelinePicture(timeline: timeline, ranks: [0, 3], title: TinyStep.title)
      .drawing()
    let operations = [0, 3].reduce(0) { $0 + timeline.graph.program(of: $1).operations.count }
    // At this scale nothing is thin but what touches: dgrad and wgrad stay apart by their class.
    #expect(Self.nodes(drawing, ofClass: "block").count == operations)
    #expect(Self.nodes(drawing, ofClass: "rank").count == 2)
  }

  @Test("blocks beyond the limit are counted and said to be left out")
  func timelineLimit() throws {
    let timeline = try TinyStep.timeline()
    let drawing = try TimelinePicture(timeline: timeline, title: TinyStep.title, nodeLimit: 5)
      .drawing()
    #expect(Self.nodes(drawing, ofClass: "block").count == 5)
    #expect(drawing.elided > 0)
    #expect(Self.texts(drawing).contains("\(drawing.elided) blocks elided"))
  }

  @Test("thousands of operations become blocks that can be seen")
  func timelineCoalesces() throws {
    let timeline = try TinyStep.timeline(microbatches: 2000)
    let drawing = try TimelinePicture(timeline: timeline, title: TinyStep.title).drawing()
    #expect(timeline.graph.programs[0].operations.count > 12_000)
    #expect(drawing.nodes.count < 6000)
    #expect(drawing.elided == 0)
  }

  @Test("a critical path is drawn on the ranks it visits")
  func timelinePath() throws {
    let timeline = try TinyStep.timeline()
    let drawing = try TimelinePicture(
      timeline: timeline, title: TinyStep.title, criticalPath: Self.path(timeline)
    ).drawing()
    #expect(!Self.nodes(drawing, ofClass: "critical").isEmpty)
    #expect(Self.texts(drawing).contains("critical path"))
  }

  @Test("ranks that are not there are refused")
  func noSuchRank() throws {
    let timeline = try TinyStep.timeline()
    #expect(throws: RenderingError.noSuchRank(rank: 9, worldSize: 4)) {
      try TimelinePicture(timeline: timeline, ranks: [9], title: TinyStep.title)
    }
    #expect(throws: RenderingError.noSuchRank(rank: -1, worldSize: 4)) {
      try LayerPicture(graph: timeline.graph, layer: 0, rank: -1, title: TinyStep.title)
    }
  }

  // Critical path

  /// The operations of rank 0, one after the other: each awaits the one before it.
  static func path(_ timeline: Timeline) -> [PathPicture.Segment] {
    var end = Instant.zero
    return timeline.graph.program(of: 0).operations.indices.map { index in
      let finish = timeline.finish(rank: 0, operation: index)
      defer { end = finish }
      return PathPicture.Segment(
        timeline.graph, rank: 0, operation: index, start: end, finish: finish)
    }
  }

  @Test("the path of the tiny step is drawn as reviewed")
  func pathGolden() throws {
    let timeline = try TinyStep.timeline()
    let runner = PathPicture.RunnerUp(
      title: "QKV projection wgrad, layer 0", rank: 1,
      slack: Ticks(rounding: .microseconds(2)))
    let drawing = PathPicture(
      title: TinyStep.title, segments: Self.path(timeline), runnersUp: [runner],
      stepTime: timeline.makespan
    ).drawing()
    let text = Self.described(drawing)
    #expect(try text == Golden.reviewed("path.txt", found: text))
    try Self.expectSound(drawing)
    #expect(Self.nodes(drawing, ofClass: "leg").count == 5)
  }

  @Test("a long path folds its repetitions")
  func longPath() throws {
    let timeline = try TinyStep.timeline(microbatches: 1000)
    let drawing = PathPicture(
      title: TinyStep.title, segments: Self.path(timeline), stepTime: timeline.makespan
    ).drawing()
    #expect(Self.nodes(drawing, ofClass: "leg").count == 3)
    #expect(Self.texts(drawing).contains("S0 forward 0–999 ×1000"))
    #expect(drawing.elided == 0)
  }

  @Test("a path that does not repeat keeps its ends and counts what lies between")
  func irregularPath() throws {
    var random = SeededRandom(seed: 3)
    var stage = 0
    let segments = (0..<300).map { index in
      stage = (stage + Int.random(in: 1...6, using: &random)) % 7
      return PathPicture.Segment(
        rank: stage, operation: index, pipelineStage: stage, title: "norm",
        operationClass: .forward, pass: .forward, microbatch: index,
        start: Instant(Int64(index) * 1_000_000), finish: Instant(Int64(index + 1) * 1_000_000))
    }
    let drawing = PathPicture(
      title: TinyStep.title, segments: segments,
      stepTime: Ticks(300_000_000), nodeLimit: 20
    ).drawing()
    #expect(Self.nodes(drawing, ofClass: "leg").count == 20)
    #expect(drawing.elided > 0)
    #expect(Self.texts(drawing).contains("\(drawing.elided) groups in the middle elided"))
  }

  // Layer

  static func mixture() throws -> StepGraph {
    let plan = ParallelPlan(tensor: 2, pipeline: 2, expert: 4, data: 4)
    let configuration = StepConfiguration(sequenceLength: 512, microbatches: 2)
    let order = try configuration.schedule.order(ranks: 2, chunks: 1, microbatches: 2)
    return try StepGraph(
      lowering: TransformerModel(named: "qwen3-30b-a3b"), under: plan, as: configuration,
      order: order)
  }

  @Test("a layer shows each kernel on each rank and each collective once, with all edges")
  func layerIsComplete() throws {
    let graph = try Self.mixture()
    for (layer, stage) in [(0, 0), (47, 1)] {
      let program = graph.programs[stage]
      let rows = program.operations.indices.filter {
        program.operations[$0].layer == layer && program.operations[$0].microbatch == 1
      }
      #expect(rows.count == 64)
      let drawing = try LayerPicture(
        graph: graph, layer: layer, microbatch: 1, title: TinyStep.title
      )
      .drawing()
      let kernels = rows.filter { program.operations[$0].meeting == .none }
      #expect(Self.nodes(drawing, ofClass: "operation").count == 8 * kernels.count)
      let instances = rows.reduce(0) { sum, index in
        guard case .collective(let family) = program.operations[index].meeting else { return sum }
        return sum + 8 / graph.grid.size(of: family)
      }
      #expect(Self.nodes(drawing, ofClass: "collective").count == instances)
      let edges = rows.reduce(0) { sum, index in
        sum + program.dependencies(of: index).count { rows.contains(Int($0)) }
      }
      #expect(drawing.edges.count == 8 * edges)
      try Self.expectSound(drawing)
    }
  }

  @Test("ranks beyond the limit are counted and said to be left out")
  func layerLimit() throws {
    let drawing = try LayerPicture(
      graph: Self.mixture(), layer: 0, includesBackward: false, title: TinyStep.title,
      nodeLimit: 100
    ).drawing()
    #expect(drawing.elided == 5 * 30)
    #expect(Self.texts(drawing).contains("150 nodes of further ranks elided"))
  }

  @Test("a layer that is not there is refused with those that are")
  func noSuchLayer() throws {
    let graph = TinyStep.graph()
    let error = #expect(throws: RenderingError.self) {
      try LayerPicture(graph: graph, layer: 2, title: TinyStep.title)
    }
    #expect(
      error?.description
        == "there is nothing to draw for layer 2, microbatch 0; layers are 0 to 1, microbatches 0 to 1"
    )
  }

  // Stages and small DAGs

  @Test("the stages of the tiny step are drawn as reviewed")
  func stageGolden() throws {
    let timeline = try TinyStep.timeline()
    let drawing = StagePicture(
      graph: timeline.graph, costs: timeline.costs, title: TinyStep.title
    ).drawing()
    let text = Self.described(drawing)
    #expect(try text == Golden.reviewed("stages.txt", found: text))
    try Self.expectSound(drawing)
    #expect(drawing.edges.filter { $0.attributes.contains(.init("class", "transfer")) }.count == 2)
  }

  @Test("a stage picture of a mixture of experts counts layers and microbatches")
  func stageCounts() throws {
    let drawing = StagePicture(graph: try Self.mixture(), title: TinyStep.title, nodeLimit: 10)
      .drawing()
    #expect(Self.texts(drawing).contains("×24 layers ×2 microbatches"))
    #expect(drawing.elided > 0)
    #expect(Self.texts(drawing).contains("\(drawing.elided) nodes elided"))
  }

  @Test("a small DAG has every selected node and edge")
  func smallDAG() throws {
    let graph = TinyStep.graph()
    let selection = DOTSelection(ranks: [0, 2])
    let drawing = try DAGPicture(graph: graph, selection: selection, title: TinyStep.title)
      .drawing()
    let summary = try DOTExporter(
      graph, header: DOTExporterTests.header, selection: selection
    ).write { _ in }
    #expect(drawing.nodes.count == summary.nodes && drawing.edges.count == summary.edges)
    try Self.expectSound(drawing)
    #expect(throws: RenderingError.self) {
      try DAGPicture(graph: graph, selection: DOTSelection(layers: [7]), title: TinyStep.title)
        .drawing()
    }
  }

  @Test("hostile titles appear as text in every picture", arguments: DrawingTests.hostile)
  func hostileTitles(text: String) throws {
    let timeline = try TinyStep.timeline()
    let title = PictureTitle(subject: "x", model: text, plan: text, cluster: text)
    let drawings = [
      try TimelinePicture(timeline: timeline, title: title).drawing(),
      PathPicture(title: title, segments: Self.path(timeline), stepTime: timeline.makespan)
        .drawing(),
      try LayerPicture(graph: timeline.graph, layer: 0, title: title).drawing(),
      StagePicture(graph: timeline.graph, title: title).drawing(),
      try DAGPicture(graph: timeline.graph, selection: .everything, title: title).drawing(),
    ]
    for drawing in drawings {
      let svg = try drawing.svg()
      #expect(DrawingTests.shownTexts(svg).contains("x: \(text) · \(text)"))
      #expect(try XMLShape(svg).isBalanced)
      #expect(!svg.contains("<img") && !svg.contains("</script"))
    }
  }
}
