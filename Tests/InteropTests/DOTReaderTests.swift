import Audit
import Foundation
import Graph
import Parallelism
import Testing

@testable import Interop

@Suite("reading DOT")
struct DOTReaderTests {
  @Test("our attributes are taken at their word")
  func declaredAttributes() throws {
    let graph = try DOTReader.read(
      text: """
        digraph step {
          model="m"; plan="TP2-PP2"; phase=train; microbatches=1;
          r0_0 [kind=attention_gather, pass=weight_gradient, rank=0, stream=tp, layer=3, chunk=1,
            microbatch=2, label="gather", operation=all_gather, axis=TPxCP, members="0-36:2",
            instance="TPxCP:0:17", bytes_in=10, bytes_out=20];
          r0_1 [kind=send_activation, pass=forward, rank=0, peer=2, bytes=64];
          r2_0 [kind=receive_activation, pass=forward, rank=2, peer=0, bytes=64];
          r0_0 -> r0_1;
          r0_1 -> r2_0 [kind=transfer];
        }
        """)
    #expect(graph.nodeCount == 3 && graph.edgeCount == 2)
    let gather = graph.nodes[0]
    #expect(gather.kind == .attentionGather && gather.pass == .weightGradient)
    #expect(gather.rank == 0 && gather.layer == 3 && gather.chunk == 1 && gather.microbatch == 2)
    #expect(gather.operation == .allGather && gather.family == .tensorContext)
    #expect(gather.bytesIn == 10 && gather.bytesOut == 20)
    #expect(gather.instance == CollectiveInstance(family: .tensorContext, base: 0, sequence: 17))
    let members = try #require(gather.members)
    #expect(graph.groups[members] == (0...18).map { Int32(2 * $0) })
    #expect(graph.nodes[1].peer == 2 && graph.nodes[1].bytesIn == 64)
    #expect(graph.predecessors(of: NodeID(2)).map(\.index) == [1])
    #expect(graph.label(of: NodeID(0)) == "gather" && graph.name(of: NodeID(1)) == "r0_1")
  }

  @Test("foreign nodes are recognized by label, name and cluster")
  func foreign() throws {
    let graph = try DOTReader.read(
      text: #"""
        digraph G {
          subgraph cluster_s0 { label="Stage 0"; subgraph cluster_l { label="Layer 4"
            a [label="QKV\nGPU 1"]; b [label=<<b>Self&#45;Attention</b><br/>TP1>]; } }
          gpu3_mlp; c [label="\N step"];
          a -> b -> gpu3_mlp -> c;
        }
        """#)
    #expect(graph.nodes.map(\.kind) == [.queryKeyValue, .attention, .feedForwardUp, nil])
    #expect(graph.nodes[0].layer == 4 && graph.nodes[0].rank == 1)
    #expect(graph.nodes[2].rank == 3)
    #expect(
      graph.placements.map { "\($0.node.index)\($0.axis.label)\($0.index)" } == [
        "0PP0", "1TP1", "1PP0",
      ])
    #expect(graph.label(of: NodeID(1)) == "Self-Attention TP1")
    #expect(graph.label(of: NodeID(3)) == "c step")
  }

  static let refusals: [(String, String)] = [
    ("", "t.dot: is empty"), (" \n\t ", "t.dot: is empty"),
    ("digraph {\na ->;\n}", "t.dot:2: syntax error"),
    ("digraph {\na -> b", "t.dot:2: syntax error"),
    ("hello world", "t.dot:1: syntax error"),
    ("digraph { a } }", "t.dot:1: syntax error"),
    ("// nothing", "t.dot: holds no graph"),
    ("digraph {a} digraph {b}", "t.dot: holds 2 graphs"),
    ("graph { a -- b }", "t.dot: is an undirected graph"),
    ("digraph {\n a \0 b }", "t.dot:2: holds a NUL byte"),
    ("digraph { a [label=\"abc]; }", "missing endquote"),
    ("digraph" + String(repeating: "{", count: 100_000), "t.dot:1: memory exhausted"),
  ]

  @Test("what is not one digraph is refused in words", arguments: refusals)
  func refuses(text: String, message: String) {
    let error = #expect(throws: DOTError.self) { try DOTReader.read(text: text, path: "t.dot") }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "no error")")
    // The parser is in order for the next text.
    #expect((try? DOTReader.read(text: "digraph { a -> b }"))?.nodeCount == 2)
  }

  @Test("a label of ten megabytes is refused, naming its node")
  func longLabel() {
    let text = "digraph { big [label=\"" + String(repeating: "x", count: 10_000_000) + "\"] }"
    let error = #expect(throws: DOTError.self) { try DOTReader.read(text: text) }
    #expect(error?.description.contains("node big") == true)
    let name = "digraph { " + String(repeating: "y", count: 10_000_000) + " }"
    #expect(throws: DOTError.self) { try DOTReader.read(text: name) }
  }

  @Test("a file that is not there says so")
  func missingFile() {
    let error = #expect(throws: DOTError.self) { try DOTReader.read("/nonexistent/x.dot") }
    #expect(error?.description.hasPrefix("/nonexistent/x.dot: cannot be read") == true)
    #expect(throws: DOTError.self) { try DOTReader.read("/") }
  }

  @Test("texts read in parallel do not disturb each other")
  func parallel() async {
    let sizes = await withTaskGroup(of: Int.self) { group in
      for count in 1...64 {
        group.addTask {
          let text = "digraph { " + (0..<count).map { "n\($0);" }.joined() + " }"
          if count % 8 == 0 { _ = try? DOTReader.read(text: "digraph { a -> ; }") }
          return (try? DOTReader.read(text: text))?.nodeCount ?? -count
        }
      }
      return await group.reduce(0, +)
    }
    #expect(sizes == 64 * 65 / 2)
  }

  @Test(
    "lists of ranks that cannot be read are no group",
    arguments: ["", "a", "1,,2", "5-1", "1-9:0", "-1", "0-999999999:1", "1-2-3", "1:2:3"])
  func badMembers(text: String) {
    #expect(MemberLists.ranks(text) == nil)
  }
}
