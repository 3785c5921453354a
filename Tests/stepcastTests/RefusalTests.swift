import Foundation
import TestSupport
import Testing

/// Mistakes of one kind, with what they exit with.
struct Refusals: CustomTestStringConvertible {
  /// The golden file of the messages.
  let name: String
  let status: Int32
  let lines: [String]

  var testDescription: String { name }
}

@Suite("Bad input is refused in words, without a crash or a trace") struct RefusalTests {
  private static let dense = "estimate --model dense --global-batch 12 --parallel"
  private static let moe = "estimate --model moe --global-batch 16 --parallel"
  private static let step = "--model dense --parallel TP2 --global-batch 4"

  private static let gemm = "cost gemm --m 4096 --n 4096 --k 4096"
  private static let attention = "cost attention --heads 32 --head-dim 128"
  private static let call = "cost all-reduce --bytes 1MiB"

  static let all = [
    Refusals(
      name: "refused-plans", status: 65,
      lines: [
        "\(dense) TP3", "\(dense) TP16", "\(dense) TP1048576", "\(dense) TP2-EP2",
        "\(moe) EP3-DP3", "\(moe) EP16", "\(moe) TP2-SP0", "\(dense) PP3", "\(dense) PP8",
        "\(dense) PP2-VPP4", "\(dense) VPP2", "\(dense) PP4-DP5",
        "estimate --model dense --global-batch 3 --parallel PP2-VPP2",
        "estimate --model dense --global-batch 4 --sequence 4094 --parallel CP2",
        "estimate --model dense --global-batch 4 --sequence 4095 --parallel TP2",
        "\(dense) TP2-SP0 --sequence-parallel", "\(moe) TP2-EP4-ETP3",
        "\(moe) TP2-EP4-ETP1-DP2-EDP3",
        "\(moe) EP256 --gpus 8", "\(moe) PP2-TP2-EP2-DP2-order=tp-cp-ep-pp-dp",
        "\(dense) TP2-order=tp-pp-dp", "\(dense) TQ2", "\(dense) TP2-TP4", "\(dense) TP",
        "\(dense) TP0", "\(dense) TP1048577", "\(dense) TP99999999999999999999",
        "\(dense) TP1024-PP2048", "\(dense) 4", "\(dense) TP2-GBS16", "\(dense) SP2",
        "\(dense) TP2-DP2 --gpus 7", "\(dense) TP2 --gpus 5",
        "plan --parallel TP3 --model dense", "plan --parallel TP2 --rank 2",
        "plan --parallel TP2 --gpus 0",
        "compare --model dense --parallel TP2 --parallel TP3 --global-batch 4",
      ]),
    Refusals(
      name: "refused-usage", status: 64,
      lines: [
        "estimate", "estimate --model dense --global-batch 4",
        "\(dense) TP2 --tensor-model-parallel-size 2",
        "\(dense) TP2 --megatron x.sh", "estimate --model dense --parallel TP2",
        "\(dense) TP2 --gpus 0", "\(dense) TP2 --sequence 0", "\(dense) TP2 --sequence=-5",
        "\(dense) TP2 --micro-batch 0", "\(dense) TP2 --micro-batch many",
        "\(dense) TP2 --gpus 99999999999999999999", "\(dense) TP2 --gpus 2000000000",
        "\(dense) TP2 --phase infer", "\(dense) TP2 --schedule zigzag",
        "\(dense) PP2 --schedule gpipe --group 2",
        "\(dense) TP2 --colour", "\(dense) TP2 --fold some", "\(dense) TP2 --memory-limit 16",
        "\(dense) TP2 --memory-limit 0GB", "compare --model dense --parallel TP2 --global-batch 4",
        "compare --model dense --parallel TP2 --parallel TP1 --threads 0",
        "export svg \(step)", "export dot \(step) --ranks 9-2", "render photo \(step) -o x.svg",
        "plan", "plan --parallel TP2 --node-size 0", "audit", "nonsense",
        "estimate --model dense --megatron run.sh --tensor-model-parallel-size 2",
        "estimate --model dense --megatron run.sh --no-sequence-parallel",
      ]),
    Refusals(
      name: "refused-option-usage", status: 64,
      lines: [
        "\(dense) PP2 --schedule zb-v3", "\(dense) TP2 --zero 4", "\(dense) TP2 --zero 3 --fsdp",
        "\(dense) TP2 --sharding-degree 0",
        "\(dense) TP2 --recompute some", "\(dense) TP2 --recompute-method block",
        "\(dense) TP2 --recompute selective --recompute-method block",
        "\(dense) TP2 --recompute full --recompute-num-layers 0",
        "\(dense) TP2 --recompute selective --recompute-modules core_atn",
        "\(dense) TP2 --recompute-modules mlp", "\(dense) CP2 --cp-comm-type ring",
        "\(dense) CP4 --cp-comm-type a2a+p2p",
        "\(dense) CP4 --cp-comm-type a2a+p2p --hierarchical-context-parallel-sizes 3 2",
        "\(moe) EP2 --dispatcher nccl", "\(dense) TP2 --precision fp4",
        "\(dense) PP2 --schedule gpipe --schedule-file x.csv",
        "\(dense) PP2 --layout Ett|ttL --decoder-first-pipeline-num-layers 1",
        "\(dense) PP2 --decoder-last-pipeline-num-layers=-1",
      ]),
    Refusals(
      name: "refused-variation-usage", status: 64,
      lines: [
        "\(dense) TP2 --slow 1:2", "\(dense) TP2 --slow rank=1:0",
        "\(dense) TP2 --degrade rail=0:2",
        "\(dense) TP2 --jitter 0.05", "\(dense) TP2 --jitter kernel=5",
        "\(moe) EP2 --expert-load pareto:1", "\(moe) EP2 --expert-load zipf:99",
        "\(dense) TP2 --samples 10", "\(dense) TP2 --jitter rank=0.1 --samples 0",
        "\(dense) TP2 --jitter rank=0 --samples 10", "\(dense) TP2 --seed 3",
        "\(dense) TP2 --jitter rank=0.1 --threads 0",
      ]),
    Refusals(
      name: "refused-variations", status: 65,
      lines: [
        "\(dense) TP2 --slow rank=2:1.5", "\(dense) TP2 --slow node=1:1.5",
        "\(dense) TP2 --degrade rail=8:0.5", "\(dense) TP2 --expert-load zipf:1",
        "\(moe) EP2 --expert-load zipf:1 --moe-expert-capacity-factor 1",
        "\(moe) EP2 --expert-load nowhere.csv",
      ]),
    Refusals(
      name: "refused-options", status: 65,
      lines: [
        "\(dense) PP2 --layout Ett|tL", "\(dense) PP2 --layout Ett|tt",
        "\(dense) PP2 --layout EttttL",
        "\(dense) PP2 --decoder-first-pipeline-num-layers 5",
        "\(dense) PP2 --account-for-loss-in-pipeline-split",
        "\(dense) DP4 --zero 3 --sharding-degree 3",
        "\(dense) CP16 --sequence 8192 --cp-comm-type a2a",
        "\(dense) TP2-SP0 --tp-comm-overlap", "\(dense) DP2 --optimizer-offload-fraction 1.5",
        "\(dense) DP2 --cpu-offloading-num-layers=-1",
        "\(moe) EP2 --moe-expert-capacity-factor 0",
        "\(moe) EP2 --moe-expert-capacity-factor 1.5 --dispatcher deepep",
        "\(moe) EP2-PP2 --overlap-moe-expert-parallel-comm",
        "\(moe) EP2-PP2 --schedule gpipe --overlap-moe-expert-parallel-comm",
        "\(moe) EP2 --overlap-moe-expert-parallel-comm --recompute full",
        "\(dense) PP2-VPP3 --schedule zb-v",
        "\(dense) PP2 --schedule-file nowhere.csv",
        "compare --model dense --parallel PP2 --global-batch 3 --schedule dualpipe,chimera",
      ]),
    Refusals(
      name: "refused-sizes", status: 65,
      lines: [
        "estimate --model dense --parallel DP1 --micro-batch 1000000 --sequence 1000000 --global-batch 1000000",
        "estimate --model dense --parallel DP1 --micro-batch 1073741824 --sequence 1073741824 --global-batch 1073741824",
        "estimate --model dense --parallel DP1 --sequence 1073741824 --global-batch 1",
        "estimate --model dense --parallel DP1 --phase decode --micro-batch 134217728 --sequence 1073741824",
        "estimate --model dense --parallel DP1 --global-batch 1073741824",
        "estimate --model dense --parallel DP1 --sequence 64 --global-batch 1000000",
        "estimate --model dense --parallel DP64 --sequence 64 --global-batch 6400 --memory-limit 1KiB",
        "estimate --model dense --parallel DP64 --sequence 64 --global-batch 6400 --memory-limit 1KiB --fold off",
        "estimate --model dense --parallel DP64 --sequence 64 --global-batch 6400 --memory-limit 1KiB --contention",
        "estimate --model llama-3-70b --parallel DP1 --sequence 100000000 --global-batch 1",
        "estimate --model gpt2 --parallel DP1 --sequence 1025 --global-batch 4",
        "estimate --model gpt2 --parallel DP1 --sequence 4096 --phase decode",
        "estimate --model dense --gpus 2 --megatron huge.sh",
      ]),
    Refusals(
      name: "refused-files", status: 65,
      lines: [
        "estimate --model lama-3-8b --parallel TP2 --global-batch 4",
        "estimate --model cut.json --parallel TP2 --global-batch 4",
        "estimate --model contradictory.json --parallel TP2 --global-batch 4",
        "estimate --model empty --parallel TP2 --global-batch 4",
        "estimate --model ./nowhere --parallel TP2 --global-batch 4",
        "models ./nowhere", "models lama-3-8b", "clusters dgx-h10", "clusters ./nowhere.json",
        "estimate \(step) --cluster dgx-h10", "estimate \(step) --cluster nowhere.json",
        "estimate \(step) --cluster misspelt.json", "estimate \(step) --cluster unitless.json",
        "estimate \(step) --cluster negative.json", "estimate \(step) --cluster zero.json",
        "estimate \(step) --cluster slow.json", "estimate \(step) --cluster crawling.json",
        "estimate \(step) --cluster cut.json", "estimate \(step) --cluster dense",
        "estimate \(step) --rates fastest",
        "audit broken.dot \(step) -o out", "audit empty.dot \(step) -o out",
        "audit long.dot \(step) -o out", "audit nowhere.dot \(step) -o out",
        "audit undirected.dot \(step) -o out", "audit binary.dot \(step) -o out",
        "audit graphless.dot \(step) -o out",
        "estimate --model dense --gpus 2 --megatron nowhere.sh",
        "estimate --model dense --gpus 2 --megatron bad.sh",
        "estimate --model dense --gpus 2 --megatron quote.sh",
        "estimate --model dense --gpus 2 --megatron bad.yaml",
        "estimate --model dense --gpus 3 --megatron two.sh",
        "estimate --model dense --megatron two.sh",
      ]),
    Refusals(
      name: "refused-tables", status: 65,
      lines: [
        "validate kernels nowhere.csv", "validate kernels dense", "validate kernels empty.dot",
        "validate kernels header.csv", "validate kernels misnamed.csv",
        "validate steps kernels.csv", "validate collectives kernels.csv",
        "validate kernels cut.json", "validate kernels binary.dot", "validate kernels ragged.csv",
        "validate kernels quote.csv", "validate kernels kernels.csv -o nowhere/report.md",
        "validate kernels kernels.csv -o dense",
      ]),
    Refusals(
      name: "refused-tables-usage", status: 64,
      lines: [
        "validate", "validate kernels", "validate layers kernels.csv",
        "validate kernels kernels.csv --threads 0", "validate kernels kernels.csv -o report.svg",
      ]),
    Refusals(
      name: "refused-cost", status: 65,
      lines: [
        "\(gemm) --device h10O", "\(gemm) --device nowhere.json",
        "\(gemm) --device a100 --dtype fp8",
        "\(gemm) --device b200 --rates fastest", "\(call) --gpus 16 --cluster dgx-h10",
        "\(call) --gpus 16 --gpus-per-node 16", "\(call) --gpus 8 --algorithm pat",
        "\(attention) --seq 64 --device a100 --dtype fp8",
      ]),
    Refusals(
      name: "refused-cost-usage", status: 64,
      lines: [
        "cost convolution", "cost gemm --m 4096 --n 4096", "\(gemm) --batch 0",
        "\(gemm) --dtype int8",
        "\(gemm) --block-scaled",
        "cost gemm --m 1073741824 --n 1073741824 --k 1073741824",
        "cost gemm --m 9223372036854775807 --n 1 --k 1",
        "cost grouped-gemm --experts 1073741824 --m 1073741824 --n 1 --k 1",
        "\(attention) --seq 64 --kv-heads 3", "\(attention) --seq 64 --kv-len 32",
        "\(attention) --seq 1 --backward", "\(attention) --seq 64 --dtype fp32",
        "cost memory --kernel norm --bytes 1MiB --rows 8",
        "cost memory --kernel hostTransfer --bytes 1MiB", "cost memory --kernel nrom --bytes 1MiB",
        "cost all-reduce --bytes many --gpus 8", "cost all-reduce --bytes 3parsecs --gpus 8",
        "cost all-reduce --bytes 0 --gpus 8", "\(call) --gpus 1",
        "\(call) --gpus 8 --algorithm best",
        "\(call) --gpus 8 --nccl-version latest",
        "cost all-to-all --bytes 1MiB --gpus 8 --algorithm ring",
        "cost dispatch --tokens 0 --hidden 7168 --topk 8 --gpus 8",
        "cost dispatch --tokens 8 --hidden 7168 --topk 8 --gpus 8 --dtype fp32",
      ]),
    Refusals(
      name: "refused-output", status: 65,
      lines: [
        "estimate \(step) -o cut.json", "estimate \(step) -o cut.json/below",
        "audit sound.dot \(step) -o cut.json/below", "audit sound.dot \(step) -o cut.json",
        "render timeline \(step) -o picture.bmp", "render timeline \(step) -o picture",
        "render timeline \(step) -o nowhere/picture.svg",
        "render timeline \(step) -o cut.json/picture.svg",
        "render layer \(step) -o picture.svg --layer 4",
        "render layer \(step) -o picture.svg --layer=-1",
        "render layer \(step) -o picture.svg --ranks 2",
        "render timeline \(step) -o picture.svg --ranks 0 99",
        "render timeline \(step) -o picture.svg --ranks=-1",
        "render stage \(step) -o picture.svg --stages 1",
        "export dot \(step) -o cut.json/x.dot", "export dot \(step) -o x.dot --ranks 2",
        "export dot \(step) -o x.dot --layers 4", "export dot \(step) -o x.dot --microbatches 4",
      ]),
  ]

  @Test("each mistake has its exit code and sentence, and leaves nothing behind", arguments: all)
  func refusal(_ refusals: Refusals) throws {
    let workplace = try Workplace()
    try Self.prepare(workplace)
    let before = try workplace.contents()
    let text = try workplace.transcript(of: refusals.lines)
    #expect(try workplace.contents() == before)
    for answer in text.components(separatedBy: "$ stepcast ").dropFirst() {
      #expect(answer.contains("\n[\(refusals.status)]\n"), "\(answer)")
    }
    #expect(try text == Golden.reviewed("\(refusals.name).txt", found: text))
  }

  @Test("messages go to standard error and answers to standard output")
  func streams() throws {
    let workplace = try Workplace()
    let refused = try Command.run("\(Self.dense) TP3", in: workplace.folder)
    #expect(refused.output.isEmpty)
    #expect(refused.errors.hasPrefix("stepcast: "))
    let answered = try Command.run("\(Self.dense) TP2", in: workplace.folder)
    #expect(answered.errors.isEmpty)
  }

  @Test("a folder that the system does not let anyone make is refused")
  func unwritableFolder() throws {
    let workplace = try Workplace()
    let command = try Command.run("estimate \(Self.step) -o /proc/stepcast", in: workplace.folder)
    #expect(command.status == 65)
    #expect(command.errors.contains("cannot make this folder"))
    let empty = try Command.run(
      "estimate \(Self.step) -o".split(separator: " ").map(String.init) + [""],
      in: workplace.folder)
    #expect(empty.status == 65)
    #expect(try workplace.contents().filter { $0.hasSuffix(".md") }.isEmpty)
  }

  /// Writes every file that the command lines above name.
  private static func prepare(_ workplace: borrowing Workplace) throws {
    try workplace.write(String(Workplace.dense.prefix(60)), to: "cut.json")
    try workplace.write(
      Workplace.dense.replacing("\"num_key_value_heads\": 4", with: "\"num_key_value_heads\": 3"),
      to: "contradictory.json")
    try workplace.write("nothing", to: "empty/readme.txt")
    try workplace.write(
      try Workplace.profile(replacing: "\"multiprocessors\"", with: "\"multiprocesors\""),
      to: "misspelt.json")
    for (name, value) in [("unitless", "3350"), ("negative", "-3350 GB/s"), ("zero", "0 GB/s")] {
      try workplace.write(
        try Workplace.profile(replacing: "3350 GB/s", with: value), to: "\(name).json")
    }
    try workplace.write(
      try Workplace.profile(replacing: "3350 GB/s", with: "1 B/s"), to: "slow.json")
    try workplace.write(
      try Workplace.profile(replacing: "3350 GB/s", with: "30 B/s"), to: "crawling.json")
    try workplace.write("digraph { a -> ", to: "broken.dot")
    try workplace.write("", to: "empty.dot")
    try workplace.write("// only a comment\n", to: "graphless.dot")
    try workplace.write("graph { a -- b }", to: "undirected.dot")
    try workplace.write("digraph \u{0} {}", to: "binary.dot")
    try workplace.write("digraph { a -> b }", to: "sound.dot")
    try workplace.write(
      "digraph { a [label=\"\(String(repeating: "x", count: 10 << 20))\"] }", to: "long.dot")
    let header = "kernel,gpu,m,n,k,time_us\n"
    let row = "gemm,H100-SXM,4096,4096,4096,220\n"
    try workplace.write(header, to: "header.csv")
    try workplace.write(header + row, to: "kernels.csv")
    try workplace.write("kernl,gpu,m,n,k,time_us\n" + row, to: "misnamed.csv")
    try workplace.write(header + row + "gemm,H100-SXM\n", to: "ragged.csv")
    try workplace.write(header + "\"" + row, to: "quote.csv")
    let flags = "--tensor-model-parallel-size 2 --sequence-parallel --global-batch-size 4"
    try workplace.write("torchrun x.py \(flags)\n", to: "two.sh")
    try workplace.write("torchrun x.py \(flags)\n", to: "run.sh")
    try workplace.write("# flags\n--tensor-model-parallel-size two\n", to: "bad.sh")
    try workplace.write("--seq-length \"4096\n", to: "quote.sh")
    try workplace.write("seq_length: [4096\n", to: "bad.yaml")
    try workplace.write(
      "\(flags) --micro-batch-size 9223372036854775807 --seq-length 9223372036854775807\n",
      to: "huge.sh")
  }
}
