public import ArgumentParser
import Estimation
public import Graph
import Hardware
import Model
import Parallelism
import Units

/// What every command that looks at a step asks for, plan apart.
struct StepOptions: ParsableArguments {
  @Option(help: "A preset (see `stepcast models`), a Hugging Face config.json, or its folder.")
  var model: String

  @Option(help: "A preset (see `stepcast clusters`) or a hardware profile in JSON.")
  var cluster = "dgx-h100"

  @Option(help: "GPUs of the job, where the plan does not fix them.")
  var gpus: Int?

  @Option(help: "What kind of step: train, prefill or decode.")
  var phase = StepPhase.train

  @Option(
    name: [.customLong("sequence"), .customLong("seq-length")],
    help: "Tokens per sequence; in decode, positions in the KV cache. (default: 4096)")
  var sequence: Int?

  @Option(
    name: [.customLong("micro-batch"), .customLong("micro-batch-size")],
    help: "Sequences per microbatch and data-parallel rank. (default: 1)")
  var microBatch: Int?

  @Option(
    name: [.customLong("global-batch"), .customLong("global-batch-size")],
    help: """
      Sequences per step over all ranks. Training needs it; inference takes one microbatch per \
      replica unless it is given.
      """)
  var globalBatch: Int?

  @Option(help: "Kernel rates of the device where its profile has several, e.g. training.")
  var rates: String?

  @Option(
    help: .init(
      "Software that runs the step: \(StackProfile.catalogNames.joined(separator: ", ")), or a stack profile in JSON. (default: \(StackProfile.defaultName) for training, none for inference)",
      valueName: "stack"))
  var stack: String?

  @OptionGroup(title: "Pipeline") var pipeline: ScheduleOptions

  @OptionGroup(title: "Data parallelism") var sharding: ShardingOptions

  @OptionGroup(title: "Recomputation and offload") var recompute: RecomputeOptions

  @OptionGroup(title: "Sequence, context and tensor parallelism") var attention: AttentionOptions

  @OptionGroup(title: "Experts") var experts: ExpertOptions

  @OptionGroup(title: "Formats and launches") var formats: FormatOptions

  @OptionGroup(title: "Plan in Megatron's flags") var megatron: MegatronOptions

  func resolvedModel() throws -> TransformerModel { try TransformerModel.resolve(model) }

  func resolvedCluster() throws -> Cluster {
    let found = try Cluster.resolve(cluster)
    let rated = if let rates { try found.usingRates(rates) } else { found }
    let name = stack ?? (phase == .train ? StackProfile.defaultName : StackProfile.none.name)
    return rated.running(try StackProfile.resolve(name))
  }

  func validate() throws {
    let counts = [
      ("--gpus", gpus), ("--sequence", sequence), ("--micro-batch", microBatch),
      ("--global-batch", globalBatch), ("--group", pipeline.group),
    ]
    for (name, count) in counts {
      if let count, count < 1 { throw ValidationError("\(name) must be at least 1, got \(count)") }
    }
    for (name, count) in counts {
      if let count, count > 1 << 30 {
        throw ValidationError("\(name) is \(count); that is more than any job has")
      }
    }
  }
}

extension StepPhase: ExpressibleByArgument {}
