import Testing

@Suite("Every command explains itself") struct HelpTests {
  private static let step = [
    "--model", "--cluster", "--gpus", "--phase", "--sequence", "--micro-batch", "--global-batch",
    "--schedule", "--parallel", "--megatron", "--tensor-model-parallel-size", "--schedule-file",
    "--layout", "--zero",
    "--fsdp", "--sharding-degree", "--recompute-granularity", "--recompute-modules",
    "--cp-comm-type", "--tp-comm-overlap", "--dispatcher", "--moe-expert-capacity-factor",
    "--overlap-moe-expert-parallel-comm", "--moe-shared-expert-overlap", "--mtp", "--precision",
    "--optimizer-cpu-offload", "--cpu-offloading-num-layers",
  ]

  private static let play = ["--fold", "--contention", "--memory-limit"]

  @Test(
    "--help exits with 0 and mentions the options",
    arguments: [
      (
        "estimate",
        step + play + [
          "--json", "--output", "--slow", "--degrade", "--jitter", "--expert-load", "--samples",
          "--seed", "--threads",
        ]
      ),
      ("compare", step + play + ["--json", "--threads"]),
      ("render", step + play + ["--output", "--ranks", "--layer", "--stages", "critical-path"]),
      ("audit", step + ["--json", "--output"]),
      ("export", step + ["--output", "--ranks", "--layers", "--microbatches"]),
      ("plan", ["--parallel", "--gpus", "--model", "--rank", "--node-size", "--json"]),
      ("validate", ["steps", "collectives", "kernels", "--json", "--output", "--threads"]),
      ("cost", ["gemm", "attention", "all-reduce", "dispatch"]),
      ("models", ["--json"]),
      ("clusters", ["--json"]),
    ])
  func help(command: String, options: [String]) throws {
    for line in ["\(command) --help", "help \(command)"] {
      let help = try Command.run(line)
      #expect(help.status == 0)
      #expect(help.errors.isEmpty)
      for option in options { #expect(help.output.contains(option), "\(line) tells \(option)") }
    }
  }

  @Test("no arguments print the help with every command", arguments: ["", "--help"])
  func overview(line: String) throws {
    let help = try Command.run(line)
    #expect(help.status == 0)
    for command in [
      "estimate", "compare", "render", "audit", "export", "plan", "schedule", "validate",
      "cost", "models", "clusters",
    ] {
      #expect(help.output.contains("  \(command) "), "the help lists \(command)")
    }
  }

  @Test("--version prints a version")
  func version() throws {
    let version = try Command.run("--version")
    #expect(version.status == 0)
    #expect(version.output.contains(/^\d+\.\d+\.\d+\n$/))
  }
}
