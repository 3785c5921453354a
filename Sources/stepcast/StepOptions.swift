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

  @Option(
    help: "Order of the pipeline: 1f1b (interleaved with VPP), gpipe, interleaved, looped-bfs.")
  var schedule: ScheduleName?

  @Option(help: "Microbatches per turn of a chunk with --schedule interleaved; PP unless given.")
  var group: Int?

  @Option(help: "Kernel rates of the device where its profile has several, e.g. training.")
  var rates: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Sequence parallelism with TP; off by default only for decode of dense models.")
  var sequenceParallel: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Launch the step as one CUDA graph; on by default for decode, off otherwise.")
  var cudaGraphs: Bool?

  @Option(
    name: .customLong("kv-cache-format"), help: "Format of cached keys and values: bf16 or fp8.")
  var keyValueCacheFormat = KeyValueCacheFormat.bf16

  @Flag(
    name: [.customLong("no-distributed-optimizer")],
    help: "Replicate the optimizer instead of sharding it over data parallelism (ZeRO-1).")
  var replicatesOptimizer = false

  @Flag(
    name: [.customLong("no-overlap-grad-reduce")],
    help: "Reduce gradients after the backward instead of bucket by bucket.")
  var reducesGradientsLate = false

  @Flag(
    name: [.customLong("no-overlap-param-gather")],
    help: "Gather updated parameters after the optimizer instead of before the forward.")
  var gathersParametersLate = false

  @Flag(
    name: [.customLong("cross-entropy-loss-fusion")],
    help: "Two all-reduces in the vocabulary-parallel loss instead of three.")
  var fusesCrossEntropy = false

  @Flag(name: [.customLong("no-aux-loss")], help: "Train without the router's balancing loss.")
  var leavesOutAuxiliaryLoss = false

  @OptionGroup(title: "Megatron's flags") var megatron: MegatronOptions

  func resolvedModel() throws -> TransformerModel { try TransformerModel.resolve(model) }

  func resolvedCluster() throws -> Cluster {
    let found = try Cluster.resolve(cluster)
    guard let rates else { return found }
    return try found.usingRates(rates)
  }

  func validate() throws {
    let counts = [
      ("--gpus", gpus), ("--sequence", sequence), ("--micro-batch", microBatch),
      ("--global-batch", globalBatch), ("--group", group),
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

/// The pipeline orders that commands take by name.
enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
  case oneForwardOneBackward = "1f1b"
  case gpipe
  case interleaved
  case loopedBreadthFirst = "looped-bfs"
}

/// The formats of cached keys and values that commands take by name.
enum KeyValueCacheFormat: String, ExpressibleByArgument, CaseIterable {
  case bf16
  case fp8

  var format: NumericFormat {
    switch self {
    case .bf16: .bf16
    case .fp8: .fp8
    }
  }
}

extension StepPhase: ExpressibleByArgument {}
