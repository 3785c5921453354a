import Foundation
import Testing

/// One option on a command line, and the words in which the report repeats it.
struct OptionCase: CustomTestStringConvertible {
  let option: String
  let plan: String
  let label: String
  var model = "dense"

  var testDescription: String { option }
}

@Suite("Every strategy is an option of every command that takes a step") struct OptionTests {
  static let all = [
    OptionCase(option: "--zero 0", plan: "TP2-DP2", label: "ZeRO-0"),
    OptionCase(option: "--zero 2", plan: "TP2-DP2", label: "ZeRO-2"),
    OptionCase(option: "--fsdp", plan: "TP2-DP2", label: "ZeRO-3 (FSDP)"),
    OptionCase(
      option: "--zero 3 --sharding-degree 2", plan: "DP4", label: "sharded over 2 ranks"),
    OptionCase(
      option: "--no-overlap-grad-reduce", plan: "DP2", label: "late gradient reduction"),
    OptionCase(
      option: "--no-overlap-param-gather", plan: "DP2", label: "late parameter gather"),
    OptionCase(
      option: "--recompute full", plan: "TP2", label: "full recomputation, uniform 1"),
    OptionCase(
      option: "--recompute full --recompute-method block --recompute-num-layers 2", plan: "TP2",
      label: "full recomputation of 2 layers per chunk"),
    OptionCase(
      option: "--recompute selective --recompute-modules core_attn mlp", plan: "TP2",
      label: "recomputing core_attn, mlp"),
    OptionCase(
      option: "--recompute selective", plan: "TP2", label: "recomputing core_attn"),
    OptionCase(
      option: "--optimizer-cpu-offload --optimizer-offload-fraction 0.5", plan: "DP2",
      label: "50 % of the optimizer offloaded"),
    OptionCase(
      option: "--cpu-offloading-num-layers 1", plan: "DP2",
      label: "activations of 1 layers per chunk offloaded"),
    OptionCase(
      option: "--cp-comm-type all_gather", plan: "CP2", label: "CP by all-gather"),
    OptionCase(option: "--cp-comm-type a2a", plan: "CP2", label: "CP by all-to-all"),
    OptionCase(
      option: "--cp-comm-type a2a+p2p --hierarchical-context-parallel-sizes 2 2", plan: "CP4",
      label: "CP by all-to-all over 2, ring between"),
    OptionCase(option: "--tp-comm-overlap", plan: "TP2", label: "TP overlap"),
    OptionCase(
      option: "--dispatcher deepep", plan: "EP4", label: "deepep dispatcher", model: "moe"),
    OptionCase(
      option: "--moe-token-dispatcher-type allgather", plan: "EP4",
      label: "allgather dispatcher", model: "moe"),
    OptionCase(
      option: "--moe-expert-capacity-factor 1.5", plan: "EP4", label: "capacity factor 1.50",
      model: "moe"),
    OptionCase(
      option: "--overlap-moe-expert-parallel-comm", plan: "EP4", label: "EP overlap", model: "moe"),
    OptionCase(option: "--precision fp8-blockwise", plan: "TP2", label: "fp8-blockwise"),
    OptionCase(option: "--precision fp16", plan: "TP2", label: "fp16"),
    OptionCase(
      option: "--no-overlap-p2p-communication", plan: "PP2", label: "blocking pipeline messages"),
    OptionCase(option: "--layout Et|t*3L", plan: "PP2", label: "uneven layout"),
    OptionCase(
      option: "--decoder-first-pipeline-num-layers 1", plan: "PP2", label: "uneven layout"),
    OptionCase(
      option: "--account-for-embedding-in-pipeline-split --account-for-loss-in-pipeline-split",
      plan: "PP2", label: "embedding and loss counted as layers"),
  ]

  @Test("estimate takes the option, says so, and answers otherwise than without it", arguments: all)
  func option(_ asked: OptionCase) throws {
    let workplace = try Workplace()
    let line = "estimate --model \(asked.model) --parallel \(asked.plan) --global-batch 16 --json"
    let plain = try Command.object(line, in: workplace.folder)
    let object = try Command.object("\(line) \(asked.option)", in: workplace.folder)
    let labels = try #require(object["options"] as? [String])
    #expect(labels.contains(asked.label), "found \(labels)")
    #expect(plain["options"] as? [String] == [])
    let answer = { (object: [String: Any]) in
      ["step_seconds", "nodes", "memory"].map { "\(object[$0] ?? "")" }
    }
    if !asked.option.hasPrefix("--account") { #expect(answer(object) != answer(plain)) }
  }

  @Test(
    "each schedule runs on a real model, with the chunks that it takes",
    arguments: [
      ("gpipe", "PP2"), ("1f1b", "PP2"), ("interleaved", "PP2-VPP2"), ("looped-bfs", "PP2-VPP2"),
      ("zb-h1", "PP2"), ("zb-h2", "PP2"), ("interleaved-zb", "PP2-VPP2"), ("zb-v", "PP2-VPP2"),
      ("v-half", "PP2-VPP2"), ("v-min", "PP2-VPP2"), ("dualpipe-v", "PP2-VPP2"),
    ])
  func schedule(name: String, plan: String) throws {
    let workplace = try Workplace()
    let object = try Command.object(
      "estimate --model dense --parallel PP2 --global-batch 8 --schedule \(name) --json",
      in: workplace.folder)
    let reading = try #require((object["plan"] as? [String: String])?["axes"])
    #expect(reading.contains("\(plan)-DP1"))
  }

  @Test("an order from a file runs as written, and only in the pipeline it was written for")
  func scheduleFile() throws {
    let workplace = try Workplace()
    let order = try Command.run("schedule 1f1b --ranks 2 --microbatches 4 --csv").output
    try workplace.write(order, to: "orders.csv")
    let line = "estimate --model dense --parallel PP2 --json --global-batch"
    let written = try Command.object("\(line) 4 --schedule-file orders.csv", in: workplace.folder)
    let named = try Command.object("\(line) 4", in: workplace.folder)
    #expect(written["step_seconds"] as? Double == named["step_seconds"] as? Double)
    #expect(written["schedule"] as? String == "order from a file")
    let other = try Command.run("\(line) 8 --schedule-file orders.csv", in: workplace.folder)
    #expect(other.status == 65)
    #expect(other.errors.contains("for PP2-VPP1 and 4 microbatches"))
  }

  @Test("Megatron's flags for strategies are the options of the same names")
  func megatron() throws {
    let workplace = try Workplace()
    try workplace.write(
      """
      --tensor-model-parallel-size 2 --sequence-parallel --recompute-granularity full
      --recompute-method uniform --recompute-num-layers 2 --use-megatron-fsdp --tp-comm-overlap
      --data-parallel-sharding-strategy optim_grads_params --fp8-format e4m3
      --fp8-recipe blockwise --micro-batch-size 1 --global-batch-size 16 --seq-length 4096
      """, to: "run.sh")
    let line = "estimate --model dense --gpus 4 --json --megatron run.sh"
    let object = try Command.object(line, in: workplace.folder)
    #expect(
      object["options"] as? [String] == [
        "fp8-blockwise", "ZeRO-3 (FSDP)", "full recomputation, uniform 2", "TP overlap",
      ])
    let overruled = try Command.object("\(line) --recompute none", in: workplace.folder)
    #expect((overruled["options"] as? [String])?.contains { $0.hasPrefix("full") } == false)
  }

  @Test("compare runs a plan under every schedule, and says which cannot run and why")
  func compareSchedules() throws {
    let workplace = try Workplace()
    let object = try Command.object(
      "compare --model dense --parallel PP4 --global-batch 8 --schedule all --json",
      in: workplace.folder)
    let plans = try #require(object["plans"] as? [[String: Any]])
    let refused = try #require(object["refused"] as? [[String: String]])
    #expect(plans.count + refused.count == 13)
    #expect(Set(plans.compactMap { $0["schedule"] as? String }).count == plans.count)
    #expect(refused.contains { $0["schedule"] == "chimera" })
    for plan in plans {
      let memory = try #require(plan["memory"] as? [String: Any])
      #expect((memory["peak_bytes"] as? Int ?? 0) > 0)
    }
  }
}
