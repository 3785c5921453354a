import Foundation
import Testing

@Suite("The JSON of every command is a promise") struct JSONTests {
  private static let numbers = [
    "step_seconds", "tokens_per_second_per_gpu", "model_tflops_per_gpu", "mfu", "ranks", "nodes",
    "edges", "microbatches", "bubble_fraction", "exposed_communication_fraction",
    "overlap_fraction", "parameters", "model_flops_per_token", "sequence_length",
    "micro_batch_size", "global_batch_size", "classes",
  ]
  private static let texts = ["model", "cluster", "phase", "schedule"]
  private static let line = "estimate --model moe --parallel EP2-TP2-PP2 --global-batch 16 --json"

  @Test("estimate prints every promised name, each a number or a text")
  func estimateNames() throws {
    let workplace = try Workplace()
    let object = try Command.object(Self.line, in: workplace.folder)
    for name in Self.numbers { #expect(object[name] is NSNumber, "\(name) is a number") }
    for name in Self.texts { #expect(object[name] is String, "\(name) is a text") }
    let plan = try #require(object["plan"] as? [String: String])
    #expect(plan.keys.sorted() == ["axes", "canonical", "megatron"])
    let known =
      Self.numbers + Self.texts + [
        "options", "plan", "breakdown_seconds", "memory", "critical_path",
      ]
    for name in known { #expect(object[name] != nil, "\(name) is there") }
  }

  @Test("every way to play a step promises the same names for its length")
  func length() throws {
    let workplace = try Workplace()
    let folded = try Command.object(Self.line, in: workplace.folder)
    let unfolded = try Command.object("\(Self.line) --fold off", in: workplace.folder)
    let bare = try Command.object(
      "\(Self.line) --fold off --memory-limit 32KiB", in: workplace.folder)
    #expect(folded["classes"] as? Int == 2)
    #expect(unfolded["classes"] as? Int == 8)
    #expect(bare["timeline_bytes"] as? Int ?? 0 > 32 << 10)
    for name in ["step_seconds", "mfu", "nodes", "edges", "ranks", "tokens_per_second_per_gpu"] {
      let numbers = [folded, unfolded, bare].map { $0[name] as? NSNumber }
      #expect(numbers.allSatisfy { $0 != nil && $0 == numbers[0] }, "\(name): \(numbers)")
    }
    let shared = try Command.object("\(Self.line) --contention", in: workplace.folder)
    #expect(shared["contention"] as? Bool == true)
    #expect(folded["contention"] as? Bool == false)
  }

  @Test("breakdown sums to ranks times step, and the fractions follow from it")
  func breakdown() throws {
    let workplace = try Workplace()
    let object = try Command.object(Self.line, in: workplace.folder)
    let classes = try #require(object["breakdown_seconds"] as? [String: Double])
    #expect(
      classes.keys.sorted() == [
        "bubble", "compute", "exposed_cp", "exposed_dp", "exposed_edp", "exposed_ep",
        "exposed_etp", "exposed_global", "exposed_host", "exposed_pp", "exposed_tp", "idle_tail",
        "launch", "straggler",
      ])
    let step = try #require(object["step_seconds"] as? Double)
    let ranks = try #require(object["ranks"] as? Double)
    let total = classes.values.reduce(0, +)
    #expect(abs(total / (ranks * step) - 1) < 1e-9)
    let bubble = try #require(object["bubble_fraction"] as? Double)
    #expect(abs(bubble * total - (classes["bubble"] ?? -1)) < 1e-9)
    let tokens = try #require(object["tokens_per_second_per_gpu"] as? Double)
    #expect(abs(tokens * ranks * step / (16 * 4096) - 1) < 1e-9)
  }

  @Test("unequal ranks are there where ranks differ, and their parts sum to ranks times delay")
  func unequalRanks() throws {
    let workplace = try Workplace()
    try workplace.write("expert,tokens\n0,900\n5,100\n", to: "map.csv")
    let even = try Command.object(Self.line, in: workplace.folder)
    #expect(even["unequal_ranks"] == nil)
    let object = try Command.object(
      "\(Self.line) --slow rank=1:1.5 --expert-load map.csv --jitter rank=0.1 --samples 4",
      in: workplace.folder)
    let unequal = try #require(object["unequal_ranks"] as? [String: Any])
    #expect(
      unequal.keys.sorted() == [
        "added_seconds", "delay_seconds", "description", "even_step_seconds", "reach_ranks",
        "samples", "seed", "untouched_ranks",
      ])
    let added = try #require(unequal["added_seconds"] as? [String: Double])
    let delay = try #require(unequal["delay_seconds"] as? Double)
    #expect(abs(added.values.reduce(0, +) / (8 * delay) - 1) < 1e-9)
    let step = try #require(object["step_seconds"] as? Double)
    #expect(unequal["even_step_seconds"] as? Double == even["step_seconds"] as? Double)
    #expect(abs((even["step_seconds"] as? Double ?? 0) + delay - step) < 1e-12)
    let samples = try #require(unequal["samples"] as? [String: Double])
    #expect(
      samples.keys.sorted() == [
        "count", "mean_seconds", "p50_seconds", "p5_seconds", "p95_seconds", "p99_seconds",
      ])
  }

  @Test("memory names its peak, capacity and stages, and the parts sum to the peak")
  func memory() throws {
    let workplace = try Workplace()
    let object = try Command.object(Self.line, in: workplace.folder)
    let memory = try #require(object["memory"] as? [String: Any])
    #expect(memory.keys.sorted() == ["capacity_bytes", "fits", "peak_bytes", "stages"])
    #expect(memory["fits"] as? Bool == true)
    let stages = try #require(memory["stages"] as? [[String: Any]])
    #expect(stages.count == 2)
    let parts = [
      "activations_bytes", "communication_bytes", "fragmentation_bytes", "gradients_bytes",
      "key_value_cache_bytes", "optimizer_bytes", "parameters_bytes", "reserve_bytes",
      "workspace_bytes",
    ]
    for stage in stages {
      let names =
        parts + [
          "bubble_fraction", "bubble_seconds", "owners_bytes", "peak_bytes", "peak_seconds",
          "stage",
        ]
      #expect(stage.keys.sorted() == names.sorted())
      let peak = try #require(stage["peak_bytes"] as? Int)
      #expect(parts.reduce(0) { $0 + (stage[$1] as? Int ?? 0) } == peak)
      let owners = try #require(stage["owners_bytes"] as? [String: Int])
      #expect(owners.values.reduce(0, +) == peak)
      let moment = try #require(stage["peak_seconds"] as? Double)
      #expect(moment >= 0 && moment <= object["step_seconds"] as? Double ?? 0)
    }
    #expect(stages.compactMap { $0["peak_bytes"] as? Int }.max() == memory["peak_bytes"] as? Int)
  }

  @Test("a step that does not fit says which stages overflow and what makes it fit at which price")
  func remedies() throws {
    let workplace = try Workplace()
    let object = try Command.object(
      "estimate --model llama-3-8b --parallel TP2-PP2-DP2 --global-batch 64 --micro-batch 4 --sequence 8192 --json",
      in: workplace.folder)
    let memory = try #require(object["memory"] as? [String: Any])
    #expect(memory["fits"] as? Bool == false)
    let remedies = try #require(memory["remedies"] as? [String: Any])
    let capacity = try #require(memory["capacity_bytes"] as? Int)
    let overflows = try #require(remedies["overflows"] as? [[String: Any]])
    #expect(overflows.allSatisfy { ($0["peak_bytes"] as? Int ?? 0) > capacity })
    let found = try #require(remedies["remedies"] as? [[String: Any]])
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { ($0["peak_bytes"] as? Int ?? .max) <= capacity })
    let steps = found.compactMap { $0["step_seconds"] as? Double }
    #expect(steps == steps.sorted())
  }

  @Test("the critical path is as long as the step, and its shares sum to one")
  func criticalPath() throws {
    let workplace = try Workplace()
    let object = try Command.object(Self.line, in: workplace.folder)
    let path = try #require(object["critical_path"] as? [String: Any])
    #expect(path.keys.sorted() == ["operations", "ranks", "seconds", "shares"])
    #expect(path["seconds"] as? Double == object["step_seconds"] as? Double)
    let shares = try #require(path["shares"] as? [String: Double])
    #expect(abs(shares.values.reduce(0, +) - 1) < 1e-9)
    #expect(try #require(path["operations"] as? Int) > 0)
  }

  @Test("compare prints the plans as estimate does, best first")
  func comparePlans() throws {
    let workplace = try Workplace()
    let object = try Command.object(
      "compare --model moe --parallel DP4 --parallel EP4 --parallel TP4 --global-batch 16 --json",
      in: workplace.folder)
    #expect(object.keys.sorted() == ["plans", "refused"])
    let plans = try #require(object["plans"] as? [[String: Any]])
    let speeds = plans.compactMap { $0["tokens_per_second_per_gpu"] as? Double }
    #expect(speeds.count == 3)
    #expect(speeds == speeds.sorted(by: >))
    let single = try Command.object(Self.line, in: workplace.folder)
    #expect(plans.allSatisfy { $0.keys.sorted() == single.keys.sorted() })
  }

  @Test("plan prints both readings and the groups of a rank")
  func plan() throws {
    let object = try Command.object("plan --parallel EP2-TP2-PP2-DP2 --rank 3 --json")
    #expect(object.keys.sorted() == ["axes", "canonical", "gpus", "groups", "megatron", "rank"])
    #expect(object["gpus"] as? Int == 16)
    let groups = try #require(object["groups"] as? [[String: Any]])
    for group in groups {
      #expect(group.keys.sorted() == ["count", "family", "members"])
      let members = try #require(group["members"] as? [Int])
      #expect(members.contains(3))
      #expect(members == members.sorted())
    }
  }

  @Test("models and clusters print one object with an entry for each")
  func catalogs() throws {
    let models = try #require(
      try Command.object("models --json")["models"] as? [[String: Any]])
    #expect(models.count > 10)
    for model in models {
      #expect(
        model.keys.sorted() == [
          "active_parameters", "family", "hidden_size", "layers", "name", "parameters",
          "vocabulary_size",
        ])
    }
    let clusters = try #require(
      try Command.object("clusters --json")["clusters"] as? [[String: Any]])
    #expect(clusters.count == 9)
    let names = [
      "device", "gpus_per_node", "memory_capacity_bytes", "name", "nic_bytes_per_second",
      "nvlink_bytes_per_second", "nvlink_domain", "peak_bf16_flops_per_second",
    ]
    for cluster in clusters { #expect(cluster.keys.sorted() == names) }
    let one = try #require(
      try Command.object("clusters h100 --json")["clusters"] as? [[String: Any]])
    #expect(one.count == 1)
    let facts = try #require(one[0]["facts"] as? [[String: String]])
    #expect(facts.allSatisfy { $0.keys.sorted() == ["citation", "path", "provenance", "value"] })
  }

  @Test("audit prints its verdict and findings, and exits with 1 when the DAG is INCORRECT")
  func audit() throws {
    let workplace = try Workplace()
    let step = "--model moe --parallel EP2-PP2 --global-batch 4"
    #expect(try Command.run("export dot \(step) -o right.dot", in: workplace.folder).status == 0)
    let right = try Command.object("audit right.dot \(step) -o out --json", in: workplace.folder)
    #expect(
      right.keys.sorted() == [
        "edge_count", "expected_node_count", "findings", "is_correct", "node_count", "notes",
        "subject", "tables",
      ])
    #expect(right["is_correct"] as? Bool == true)
    try workplace.write("digraph { a -> b }", to: "wrong.dot")
    let wrong = try Command.run("audit wrong.dot \(step) -o out --json", in: workplace.folder)
    #expect(wrong.status == 1)
    let report = try JSONSerialization.jsonObject(with: Data(wrong.output.utf8))
    let object = try #require(report as? [String: Any])
    #expect(object["is_correct"] as? Bool == false)
    #expect(try #require(object["findings"] as? [[String: Any]]).count > 0)
    #expect(wrong.errors.isEmpty)
  }
}
