import Cost
import Graph
import Hardware
import Testing
import Units
import Validation

@Suite("Rows of collectives")
struct CollectiveRowTests {
  private func row(
    op: String = "all_reduce", gpus: String = "16", perNode: String = "8", nodes: String = "2",
    gpu: String = "H100", network: String = "8x400G IB NDR", bytes: String = "1048576",
    library: String = "NCCL 2.26.2", notes: String = ""
  ) -> CollectiveRow {
    CollectiveRow(
      CSVRow([
        "op": op, "gpus": gpus, "gpus_per_node": perNode, "nodes": nodes, "gpu": gpu,
        "inter_link": network, "bytes": bytes, "time_us": "10", "nccl_version_or_impl": library,
        "notes": notes,
      ]))
  }

  private func fabric(_ row: CollectiveRow) throws -> CollectiveFabric {
    guard case .library(_, _, _, let fabric, _) = try row.query() else {
      throw RowRefusal.notModelled("the wrong query")
    }
    return fabric
  }

  @Test("a row says what NCCL sees")
  func machine() throws {
    let query = try row().query()
    guard case .library(let operation, let size, let placement, let fabric, _) = query else {
      Issue.record("no call of the library")
      return
    }
    #expect(operation == .allReduce && size == .mebibytes(1))
    #expect(placement == GroupPlacement(ranks: 16, nodes: 2, ranksPerNode: 8))
    #expect(fabric.version == NCCLVersion(2, 26, 2))
    #expect(fabric.nics == 8 && fabric.nicBandwidth == .gigabytesPerSecond(50))
    #expect(fabric.domainSize == 8 && fabric.hasNVLS)
  }

  @Test("what cells leave out is the profile's: domains, nodes, NICs and the latest release")
  func defaults() throws {
    let query = try row(
      gpus: "144", perNode: "", nodes: "", gpu: "GB200", network: "", library: ""
    ).query()
    guard case .library(_, _, let placement, let fabric, _) = query else {
      Issue.record("no call of the library")
      return
    }
    #expect(placement == GroupPlacement(ranks: 144, nodes: 2, ranksPerNode: 72))
    #expect(fabric.nics == 72 && fabric.version == .latest)
  }

  @Test("NICs are read as measurements write them")
  func networks() throws {
    #expect(try fabric(row(gpu: "A100", network: "16x100G RoCE")).nics == 16)
    #expect(
      try fabric(row(perNode: "64", gpu: "GB200", network: "4x400G RoCE per 4-GPU tray")).nics
        == 64)
    let mixed = try fabric(row(gpu: "B200", network: "8x400G (4 at ~324 Gb/s, 4 at ~369 Gb/s)"))
    #expect(abs(mixed.nicBandwidth.gigabytesPerSecond - 346.5 / 8) < 1e-9)
    #expect(try fabric(row(network: "32x100G EFA (p5)")).nicLatency > .zero)
  }

  @Test("algorithms, SHARP and a switched-off NVLS are options")
  func options() throws {
    #expect(try fabric(row(library: "NCCL 2.29.3 NCCL_ALGO=Ring")).options.algorithm == .ring)
    #expect(try fabric(row(library: "NCCL, IB SHARP job")).options.reducesInNetwork)
    #expect(!(try fabric(row(library: "NCCL 2.27.7 (NCCL_NVLS_ENABLE=0)")).hasNVLS))
    #expect(row().isOrdinary)
    for library in ["NCCL 2.29.3 NCCL_ALGO=Ring", "NCCL NCCL_MIN_CTAS=24", "NCCL w/ TCPX plugin"] {
      #expect(!row(library: library).isOrdinary)
    }
    #expect(try row(library: "NCCL 2.27.7 torch 2.9.1").price().terms.last?.name == "framework")
  }

  @Test("exchanges of experts are DeepEP's, low latency unless normal")
  func experts() throws {
    let query = try row(
      op: "moe_dispatch", gpus: "32", nodes: "4", library: "DeepEP V1 normal 24 SMs",
      notes: "1024 tok/rank hidden 7168 top-8 256 experts"
    ).query()
    let exchange = ExpertExchange(
      .dispatch, tokens: 1024, hidden: 7168, topK: 8, format: .fp8, ranks: 32, nodes: 4)
    #expect(query == .experts(exchange, isLowLatency: false, cluster: try .named("h100")))
  }

  @Test("a row that cannot be priced says why")
  func refusals() throws {
    func refusal(_ row: CollectiveRow) throws -> String {
      try #require(throws: RowRefusal.self) { try row.price() }.description
    }
    #expect(try refusal(row(op: "")) == "op: the cell is empty and has no default")
    #expect(
      try refusal(row(op: "gather")).hasPrefix("op: unknown \"gather\"; known are all_reduce"))
    #expect(
      try refusal(row(gpus: "1", nodes: "1")) == "gpus: a collective of one GPU: not modelled")
    #expect(
      try refusal(row(gpus: "2", nodes: "3")) == "nodes: \"3\" is not at most the number of GPUs")
    #expect(try refusal(row(gpu: "H10")) == "gpu: no profile of \"H10\"; did you mean \"H100\"?")
    #expect(
      try refusal(row(library: "vLLM custom AR"))
        == "nccl_version_or_impl: all-reduce kernels of frameworks: not modelled")
    #expect(
      try refusal(row(op: "moe_combine", library: "pplx-garden"))
        == "nccl_version_or_impl: expert exchanges other than DeepEP's: not modelled")
  }
}
