import Foundation
import TestSupport
import Testing

@Suite("cost prices one kernel or collective") struct CostTests {
  @Test("the answer reads as reviewed, term by term")
  func report() throws {
    let lines = [
      "cost gemm --m 4096 --n 14336 --k 4096",
      "cost gemm --m 4096 --n 14336 --k 4096 --dtype fp8 --block-scaled --quantize --device h200",
      "cost gemm --m 1 --n 8192 --k 8192 --repeated --device a100-pcie-80gb",
      "cost grouped-gemm --experts 16 --m 2048 --n 1536 --k 2048 --weight-gradient --device b200",
      "cost attention --heads 32 --kv-heads 8 --head-dim 128 --seq 8192 --backward",
      "cost attention --batch 64 --heads 64 --kv-heads 8 --head-dim 128 --seq 1 --kv-len 4096",
      "cost memory --kernel norm --bytes 128MiB --rows 8192 --width 4096",
      "cost all-reduce --bytes 256MiB --gpus 16",
      "cost all-gather --bytes 1GiB --gpus 8 --nccl-version 2.18.5 --algorithm ring",
      "cost reduce-scatter --bytes 1GiB --gpus 144 --cluster gb200-nvl72",
      "cost all-to-all --bytes 67108864 --gpus 32", "cost broadcast --bytes 1MB --gpus 8",
      "cost send-recv --bytes 64MiB --gpus 2 --gpus-per-node 1",
      "cost dispatch --tokens 4096 --hidden 7168 --topk 8 --gpus 32 --dtype fp8",
      "cost dispatch --tokens 128 --hidden 7168 --topk 8 --gpus 16 --combine --low-latency",
    ]
    let text = try lines.map { line in
      let command = try Command.run(line)
      #expect(command.status == 0 && command.errors.isEmpty, "\(line): \(command.errors)")
      return "$ stepcast \(line)\n\(command.output)"
    }.joined(separator: "\n")
    #expect(try text == Golden.reviewed("cost.txt", found: text))
  }

  @Test("a price is the one that validate predicts for a row of the same question")
  func sameAsValidate() throws {
    let workplace = try Workplace()
    try workplace.write(
      """
      id,kernel,gpu,dtype,m,n,k,batch,seq_q,heads,kv_heads,head_dim,direction,time_us
      a,gemm,H100-SXM,bf16,4096,14336,4096,,,,,,,1
      b,attn_prefill,H100-SXM,bf16,,,,1,8192,32,8,128,bwd,1
      """, to: "kernels.csv")
    try workplace.write(
      "op,gpus,gpus_per_node,gpu,bytes,nccl_version_or_impl,time_us\n"
        + "all_reduce,16,8,H100,268435456,2.26.2,1\n", to: "collectives.csv")
    var validated: [Double] = []
    for table in ["kernels", "collectives"] {
      let report = try Command.object(
        "validate \(table) \(table).csv --json", in: workplace.folder)
      let rows = try #require(report["predictions"] as? [[String: Any]])
      validated += rows.compactMap { $0["predicted_seconds"] as? Double }
    }
    let priced = try [
      "gemm --m 4096 --n 14336 --k 4096",
      "attention --heads 32 --kv-heads 8 --head-dim 128 --seq 8192 --backward",
      "all-reduce --bytes 256MiB --gpus 16 --nccl-version 2.26.2",
    ].map { try Command.object("cost \($0) --json")["seconds"] as? Double }
    #expect(validated.count == 3)
    #expect(validated == priced.compactMap { $0 })
  }

  @Test("--json keeps its promised names; rates are the size over the time")
  func json() throws {
    let always = [
      "high_seconds", "low_seconds", "machine", "question", "seconds", "terms",
    ]
    let product = try Command.object("cost gemm --m 512 --n 1024 --k 2048 --json")
    #expect(product.keys.sorted() == (always + ["choice", "tflops"]).sorted())
    let seconds = try #require(product["seconds"] as? Double)
    let rate = try #require(product["tflops"] as? Double)
    #expect(abs(rate * seconds / (2 * 512 * 1024 * 2048 / 1e12) - 1) < 1e-12)
    let call = try Command.object("cost all-reduce --bytes 1MiB --gpus 8 --json")
    #expect(
      call.keys.sorted()
        == (always + ["algorithm_bytes_per_second", "bus_bytes_per_second", "choice"]).sorted())
    let algorithm = try #require(call["algorithm_bytes_per_second"] as? Double)
    let bus = try #require(call["bus_bytes_per_second"] as? Double)
    #expect(abs(bus / algorithm - 1.75) < 1e-12)
    let terms = try #require(call["terms"] as? [[String: Any]])
    #expect(terms.allSatisfy { $0.keys.sorted() == ["name", "seconds"] })
    let sum = terms.compactMap { $0["seconds"] as? Double }.reduce(0, +)
    #expect(abs(sum / (call["seconds"] as? Double ?? 0) - 1) < 1e-12)
    let traffic = try Command.object("cost memory --kernel add --bytes 1GB --json")
    #expect(traffic.keys.sorted() == (always + ["memory_bytes_per_second"]).sorted())
  }

  @Test(
    "--help of each names its options",
    arguments: [
      ("gemm", ["--m", "--n", "--k", "--batch", "--dtype", "--device", "--json"]),
      ("grouped-gemm", ["--experts", "--m", "--weight-gradient", "--device"]),
      (
        "attention",
        [
          "--heads", "--kv-heads", "--head-dim", "--seq", "--kv-len", "--causal", "--no-causal",
          "--backward", "--window",
        ]
      ),
      ("memory", ["--kernel", "--bytes", "--rows", "--width", "--author"]),
      (
        "all-reduce",
        [
          "--bytes", "--gpus", "--gpus-per-node", "--cluster", "--nccl-version", "--algorithm",
          "--sharp", "--no-nvls",
        ]
      ),
      ("all-gather", ["--bytes"]), ("reduce-scatter", ["--bytes"]), ("all-to-all", ["--bytes"]),
      ("broadcast", ["--bytes"]), ("send-recv", ["--bytes"]),
      ("dispatch", ["--tokens", "--hidden", "--topk", "--combine", "--low-latency", "--gpus"]),
    ])
  func help(kind: String, options: [String]) throws {
    let help = try Command.run("cost \(kind) --help")
    #expect(help.status == 0 && help.errors.isEmpty)
    for option in options { #expect(help.output.contains(option), "\(kind) tells \(option)") }
    #expect(try Command.run("cost --help").output.contains("  \(kind) "))
  }
}
