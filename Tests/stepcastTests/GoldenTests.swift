import TestSupport
import Testing

@Suite("What people read") struct GoldenTests {
  @Test(
    "estimate, compare and plan read as reviewed",
    arguments: [
      (
        "estimate-dense",
        "estimate --model llama-3-8b --cluster dgx-h100 --parallel TP2-PP2-DP2 --global-batch 16"
      ),
      ("estimate-moe", "estimate --model moe --parallel EP2-TP2-PP2-DP2 --global-batch 16"),
      (
        "estimate-contention",
        "estimate --model llama-3-8b --parallel TP2-PP2-DP8 --global-batch 32 --contention"
      ),
      (
        "estimate-length",
        "estimate --model moe --parallel EP2-TP2-PP2-DP2 --global-batch 16 --fold off --memory-limit 32KiB"
      ),
      ("estimate-prefill", "estimate --model dense --parallel TP2-PP2 --phase prefill"),
      ("estimate-decode", "estimate --model moe --parallel EP4 --phase decode --micro-batch 32"),
      (
        "estimate-out-of-memory",
        "estimate --model dense --parallel DP1 --global-batch 256 --micro-batch 256 --sequence 8192"
      ),
      (
        "estimate-straggler",
        "estimate --model moe --parallel EP2-TP2-PP2-DP2 --global-batch 16 --slow rank=5:1.5 --degrade rail=0:0.5"
      ),
      (
        "estimate-jitter",
        "estimate --model moe --parallel EP4-TP2 --global-batch 4 --jitter kernel=0.05,rank=0.02 --expert-load zipf:1.2 --samples 20"
      ),
      (
        "compare",
        "compare --model moe --parallel EP4 --parallel TP4 --parallel DP4 --global-batch 16"
      ),
      ("compare-schedules", "compare --model dense --parallel PP2 --global-batch 8 --schedule all"),
      ("schedule", "schedule v-half --ranks 4 --microbatches 8 --forward 10 --dgrad 12 --wgrad 9"),
      ("schedule-order", "schedule dualpipe-v --ranks 2 --microbatches 4 --csv"),
      ("plan", "plan --parallel EP2-TP2-PP2-DP2 --rank 5"),
      ("models", "models"),
      ("model", "models moe"),
      ("clusters", "clusters"),
    ])
  func report(name: String, line: String) throws {
    let workplace = try Workplace()
    let command = try Command.run(line, in: workplace.folder)
    #expect(command.status == 0)
    #expect(command.errors.isEmpty)
    let text = "$ stepcast \(line)\n\(command.output)"
    #expect(try text == Golden.reviewed("\(name).txt", found: text))
  }

  @Test("an audit's summary names what is missing")
  func audit() throws {
    let workplace = try Workplace()
    try workplace.write("digraph { a -> b }", to: "wrong.dot")
    let text = try workplace.transcript(of: [
      "audit wrong.dot --model moe --parallel EP2-TP2-PP2 --global-batch 8 -o out"
    ])
    #expect(try text == Golden.reviewed("audit.txt", found: text))
  }
}
