import CGraphviz
import Foundation
import Graph
import Lowering
import Model
import Parallelism
import Rendering
import TestSupport
import Testing

@Suite("DOT export") struct DOTExporterTests {
  static let header = DOTHeader(
    model: "tiny", plan: "TP2-PP2", configuration: TinyStep.graph().configuration)

  @Test("the tiny step is written as reviewed")
  func golden() throws {
    let graph = TinyStep.graph(microbatches: 1)
    try graph.validate()
    let text = try DOTExporter(graph, header: Self.header).text()
    #expect(try text == Golden.reviewed("tiny.dot", found: text))
  }

  @Test("every node and edge is written once, and Graphviz reads the same number back")
  func complete() throws {
    let graph = TinyStep.graph(microbatches: 3)
    let exporter = DOTExporter(graph, header: Self.header)
    let summary = try exporter.write { _ in }
    #expect(summary.nodes == graph.nodeCount)
    #expect(summary.edges == graph.edgeCount)
    #expect(summary.droppedEdges == 0)
    let text = try exporter.text()
    #expect(text.utf8.count == summary.bytes)
    let read = try #require(ReadGraph(text))
    #expect(read.nodes == graph.nodeCount && read.edges == graph.edgeCount)
  }

  @Test("a narrowed export agrees with counting nodes and edges one by one")
  func narrowing() throws {
    let graph = TinyStep.graph()
    let someRanks: [Set<Int>?] =
      (0..<16).map { bits in
        Set((0..<4).filter { bits >> $0 & 1 == 1 })
      } + [nil]
    for ranks in someRanks {
      for layers in [nil, [0], [0, 1]] as [Set<Int>?] {
        for microbatches in [nil, [1], [0, 1]] as [Set<Int>?] {
          let selection = DOTSelection(ranks: ranks, layers: layers, microbatches: microbatches)
          let summary = try DOTExporter(graph, header: Self.header, selection: selection)
            .write { _ in }
          let expected = EdgeCount(graph, selection)
          #expect(summary.nodes == expected.nodes, "\(selection)")
          #expect(summary.edges == expected.inside, "\(selection)")
          #expect(summary.droppedEdges == expected.cut, "\(selection)")
        }
      }
    }
  }

  @Test("a real mixture of experts, lowered, reads back with its groups")
  func lowered() throws {
    let plan = ParallelPlan(tensor: 2, pipeline: 2, expert: 4, data: 4)
    let configuration = StepConfiguration(sequenceLength: 512, microbatches: 2)
    let order = try configuration.schedule.order(ranks: 2, chunks: 1, microbatches: 2)
    let model = try TransformerModel(named: "qwen3-30b-a3b")
    let graph = try StepGraph(lowering: model, under: plan, as: configuration, order: order)
    let selection = DOTSelection(ranks: [0, 5, 13], layers: [0, 30], microbatches: [1])
    let text = try DOTExporter(graph, header: Self.header, selection: selection).text()
    let read = try #require(ReadGraph(text))
    #expect(read.nodes == EdgeCount(graph, selection).nodes)
    #expect(text.contains("axis=EP bytes_in="))
    #expect(text.contains(#"rank=5 members="1,3,5,7" instance="EP:1:"#))
    #expect(text.contains(#"rank=13 members="9,11,13,15" instance="EP:9:"#))
  }

  @Test(
    "hostile names stay inside their quotes",
    arguments: [
      #"a"];evil[label="x"#, "</script><img src=x>", #"ends with \"#, "line\nbreak",
    ])
  func hostileHeader(name: String) throws {
    let graph = TinyStep.graph(microbatches: 1)
    let header = DOTHeader(model: name, plan: name, configuration: graph.configuration)
    let text = try DOTExporter(graph, header: header).text()
    let read = try #require(ReadGraph(text))
    #expect(read.nodes == graph.nodeCount)
    #expect(
      read.model == name.replacing("\\", with: "\\\\").replacing("\n", with: " "))
  }

  @Test("chunks are about a megabyte, and nothing larger is ever held")
  func chunks() throws {
    final class Sizes { var all: [Int] = [] }
    let sizes = Sizes()
    _ = try DOTExporter(TinyStep.graph(microbatches: 500), header: Self.header).write {
      sizes.all.append($0.count)
    }
    #expect(sizes.all.count >= 2)
    #expect(sizes.all.allSatisfy { $0 <= 1_100_000 })
  }

  @Test("a rank that is not there is refused")
  func noSuchRank() {
    let exporter = DOTExporter(
      TinyStep.graph(), header: Self.header, selection: DOTSelection(ranks: [4]))
    let error = #expect(throws: RenderingError.self) { try exporter.text() }
    #expect(error?.description == "there is no rank 4; the step has ranks 0 to 3")
  }

  @Test("an export into a folder that is not there leaves nothing")
  func unwritable() {
    let exporter = DOTExporter(TinyStep.graph(), header: Self.header)
    #expect(throws: RenderingError.self) {
      try exporter.write(to: URL(filePath: "/proc/no-such-folder/step.dot"))
    }
  }

  @Test("member lists: short ones spelled out, long runs as first-last:distance")
  func members() {
    #expect(memberList([0, 4, 8]) == "0,4,8")
    #expect(memberList(Array(0..<16)) == (0..<16).map(String.init).joined(separator: ","))
    #expect(memberList(Array(stride(from: 0, through: 252, by: 4))) == "0-252:4")
    #expect(
      memberList(Array(0..<20) + [100] + Array(stride(from: 200, to: 400, by: 10)))
        == "0-19:1,100,200-390:10")
  }

  @Test("member lists read back to the same ranks")
  func membersRoundTrip() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<500 {
      let stride = Int.random(in: 1...3, using: &random)
      let ranks = (0..<Int.random(in: 1...120, using: &random))
        .filter { _ in Int.random(in: 0..<10, using: &random) > 0 }.map { $0 * stride }
      #expect(expanded(memberList(ranks)) == ranks)
    }
  }

  private func expanded(_ text: String) -> [Int] {
    text.split(separator: ",").flatMap { part -> [Int] in
      let numbers = part.split { $0 == "-" || $0 == ":" }.compactMap { Int($0) }
      return numbers.count == 3
        ? Array(Swift.stride(from: numbers[0], through: numbers[1], by: numbers[2])) : numbers
    }
  }
}

/// Nodes and edges of a selection, counted from the definition.
private struct EdgeCount {
  var nodes = 0
  var inside = 0
  var cut = 0

  init(_ graph: StepGraph, _ selection: DOTSelection) {
    func isIn(_ rank: Int, _ index: Int) -> Bool {
      (selection.ranks?.contains(rank) ?? true)
        && selection.includes(graph.program(of: rank).operations[index])
    }
    for rank in 0..<graph.grid.worldSize {
      let program = graph.program(of: rank)
      for index in program.operations.indices {
        if isIn(rank, index) { nodes += 1 }
        var sources = program.dependencies(of: index).map { (rank, Int($0)) }
        let operation = program.operations[index]
        if operation.meeting == .receive {
          sources.append((graph.grid.rank(rank, movedToStage: operation.peer), operation.partner))
        }
        for source in sources {
          switch (isIn(source.0, source.1), isIn(rank, index)) {
          case (true, true): inside += 1
          case (false, false): break
          default: cut += 1
          }
        }
      }
    }
  }
}

/// What Graphviz's own reader makes of a text.
private struct ReadGraph {
  let nodes, edges: Int
  let model: String

  init?(_ text: String) {
    stepcast_graphviz_lock()
    defer { stepcast_graphviz_unlock() }
    guard let graph = agmemread(text) else { return nil }
    defer { agclose(graph) }
    nodes = Int(agnnodes(graph))
    edges = Int(agnedges(graph))
    let value = "model".withCString { agget(graph, UnsafeMutablePointer(mutating: $0)) }
    model = value.map { String(cString: $0) } ?? ""
  }
}

/// A seeded generator (SplitMix64), so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
