import Foundation
import Parallelism
import Testing

@Suite("Megatron's arguments") struct MegatronArgumentsTests {
  static let script = """
    #!/bin/bash
    # the flagship
    export CUDA_DEVICE_MAX_CONNECTIONS=1
    MODEL_ARGS=(
        --num-layers 48 --hidden-size 2048   # 48 layers
        --num-attention-heads 32
        --group-query-attention
        --num-query-groups 4
        --vocab-size 151936
        --make-vocab-size-divisible-by 1187
        --num-experts 128 --moe-router-topk 8 \\
        --moe-ffn-hidden-size=768
        --use-mcore-models
    )
    TRAIN_ARGS="--seq-length"
    PARALLEL_ARGS=(
        --tensor-model-parallel-size 4
        --pipeline_model_parallel_size 2
        --expert-model-parallel-size "8"
        --sequence-parallel
        --use-distributed-optimizer
        --overlap-grad-reduce
        --recompute-granularity selective
        --recompute-modules core_attn moe_act
        --cp-comm-type a2a+p2p
        --seq-length 4096 --micro-batch-size 1 --global-batch-size 512
        --no-overlap-p2p-communication
        --moe-expert-capacity-factor 1.5
    )
    torchrun --nproc_per_node 8 --nnodes 32 pretrain_gpt.py ${MODEL_ARGS[@]} ${PARALLEL_ARGS[@]}
    """

  static let yaml = """
    model:
      num_layers: 48
      num_attention_heads: 32
      num_query_groups: 4
      tensor_model_parallel_size: 4
      pipeline-model-parallel-size: 2
      expert_model_parallel_size: 8
      expert_tensor_parallel_size: null
      sequence_parallel: true
      recompute_modules: [core_attn, moe_act]
    ddp:
      use_distributed_optimizer: True
      overlap_grad_reduce: false
    train: {micro_batch_size: 1, global_batch_size: 512}
    logger: {log_interval: 10}
    """

  let flagship = ParallelPlan(tensor: 4, pipeline: 2, expert: 8, data: 32)

  @Test("a launch script gives the plan, the step and the model")
  func launchScript() throws {
    let arguments = try MegatronArguments(text: Self.script, file: "train.sh")
    #expect(arguments.plan == flagship)
    #expect(arguments.step.sequenceLength == 4096)
    #expect(arguments.step.contextCommunication == .hierarchical)
    #expect(arguments.step.expertCapacityFactor == 1.5)
    #expect(arguments.step.usesDistributedOptimizer == true)
    #expect(arguments.overlap.gradientReduce == true)
    #expect(arguments.overlap.pointToPoint == false)
    #expect(arguments.overlap.parameterGather == nil)
    #expect(arguments.recompute.granularity == .selective)
    #expect(arguments.recompute.modules == ["core_attn", "moe_act"])
    #expect(arguments.model.layers == 48)
    #expect(arguments.model.kvHeads == 4)
    #expect(arguments.model.experts == 128)
    #expect(arguments.model.expertFeedForward == 768)
    #expect(arguments.model.paddedVocabulary(tensor: 4) == 151_936)
    #expect(arguments.microbatches == 16)
    #expect(arguments.schedule == .oneForwardOneBackward)
    #expect(arguments.plan.check(arguments.requirements).isEmpty)
    #expect(arguments.ignored.contains { $0.name == "use-mcore-models" })
    #expect(
      arguments.ignored.first { $0.name == "use-mcore-models" }?.place.description == "train.sh:13")
    #expect(!arguments.ignored.contains { $0.name == "seq-length" })
  }

  @Test("flags in quoted shell variables are read, with their lines")
  func quotedVariables() throws {
    let script = """
      GPUS=8
      ARGS="
          --tensor-model-parallel-size 2 \\
          --num-layers 48 --bf16
      "
      MORE="--seq-length 4096"; MORE='--micro-batch-size x'
      """
    #expect {
      try MegatronArguments(text: script, file: "a.sh", gpus: 8)
    } throws: {
      "\($0)"
        == "a.sh:6: --micro-batch-size: expected a whole number, at least 1, found \"x\""
    }
    let good = script.replacing("-size x", with: "-size 4")
    let arguments = try MegatronArguments(text: good, file: "a.sh", gpus: 8)
    #expect(arguments.plan == ParallelPlan(tensor: 2, data: 4, sequenceParallel: false))
    #expect(arguments.step.usesBF16 == true)
    #expect(arguments.step.sequenceLength == 4096)
    #expect(arguments.step.microBatchSize == 4)
  }

  @Test("YAML is read flat or nested, in snake or dash case")
  func nestedYAML() throws {
    let arguments = try MegatronArguments(yaml: Self.yaml, file: "job.yaml", gpus: 256)
    #expect(arguments.plan == flagship)
    #expect(arguments.recompute.modules == ["core_attn", "moe_act"])
    #expect(arguments.overlap.gradientReduce == false)
    #expect(arguments.step.usesDistributedOptimizer == true)
    #expect(arguments.ignored.map(\.name) == ["log-interval"])
    #expect(arguments.ignored[0].place.description == "job.yaml:15")
    let flat = try MegatronArguments(
      yaml: "--tensor-model-parallel-size: 2\n--sequence-parallel: true", file: "a.yaml", gpus: 4)
    #expect(flat.plan == ParallelPlan(tensor: 2, data: 2))
  }

  @Test("a file is read by its extension")
  func files() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "megatron-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let script = folder.appending(path: "train.sh")
    let yaml = folder.appending(path: "job.yml")
    try Self.script.write(to: script, atomically: true, encoding: .utf8)
    try Self.yaml.write(to: yaml, atomically: true, encoding: .utf8)
    #expect(try MegatronArguments(contentsOf: script).plan == flagship)
    #expect(try MegatronArguments(contentsOf: yaml, gpus: 256).plan == flagship)
    #expect {
      try MegatronArguments(contentsOf: folder.appending(path: "none.sh"))
    } throws: {
      "\($0)" == "none.sh: cannot be read: there is no such file; check the path"
    }
  }

  @Test("Megatron's defaults: no sequence parallelism, ETP is TP, pipeline slowest")
  func defaults() throws {
    let plan = try MegatronArguments(["--tensor-model-parallel-size", "2"], gpus: 8).plan
    #expect(plan == ParallelPlan(tensor: 2, data: 4, sequenceParallel: false))
    #expect(try MegatronArguments([], gpus: 3).plan == ParallelPlan(data: 3))
  }

  @Test("the last of repeated flags wins on a command line")
  func lastWins() throws {
    let arguments = try MegatronArguments(
      ["--num-layers", "4", "--num-layers=8"], gpus: 1)
    #expect(arguments.model.layers == 8)
  }

  @Test(
    "chunks come from either flag",
    arguments: [
      ["--num-virtual-stages-per-pipeline-rank", "3"],
      ["--num-layers-per-virtual-pipeline-stage", "4", "--num-layers", "48"],
    ])
  func chunks(flags: [String]) throws {
    let arguments = try MegatronArguments(
      flags + [
        "--pipeline-model-parallel-size", "4", "--microbatch-group-size-per-vp-stage", "8",
      ], gpus: 8)
    #expect(arguments.plan.virtualPipeline == 3)
    #expect(arguments.schedule == .interleaved(groupSize: 8))
  }

  @Test("the world comes from the caller, the launcher or the data-parallel size")
  func world() throws {
    let tensor = ["--tensor-model-parallel-size", "2"]
    #expect(try MegatronArguments(tensor + ["--world-size", "8"]).plan.data == 4)
    #expect(try MegatronArguments(tensor + ["--world-size", "8"], gpus: 16).plan.data == 8)
    #expect(try MegatronArguments(tensor + ["--data-parallel-size", "3"]).plan.data == 3)
    #expect(
      try MegatronArguments(tensor + ["--nnodes", "2", "--nproc-per-node", "8"]).plan.data == 8)
  }

  @Test("the rank order is swapped on request")
  func rankOrder() throws {
    let arguments = try MegatronArguments(["--use-tp-pp-dp-mapping"], gpus: 4)
    #expect(arguments.plan.rankOrder == .dataLast)
  }

  static let refusals: [(text: String, message: String)] = [
    (
      "--num-layers forty",
      "a.sh:1: --num-layers: expected a whole number, at least 1, found \"forty\""
    ),
    (
      "\n# x\n--tensor-model-parallel-size 0",
      "a.sh:3: --tensor-model-parallel-size: expected a whole number, at least 1, found \"0\""
    ),
    (
      "--seq-length\n--bf16",
      "a.sh:1: --seq-length: expected a whole number, at least 1, found nothing"
    ),
    (
      "--bf16 maybe", "a.sh:1: --bf16: expected no value, true or false, found \"maybe\""
    ),
    (
      "--recompute-granularity selectiv",
      "a.sh:1: --recompute-granularity: expected one of full and selective (did you mean selective?), "
        + "found \"selectiv\""
    ),
    (
      "--moe-expert-capacity-factor much",
      "a.sh:1: --moe-expert-capacity-factor: expected a number, found \"much\""
    ),
    (
      "--hierarchical-context-parallel-sizes 2 x",
      "a.sh:1: --hierarchical-context-parallel-sizes: expected whole numbers, at least 1, found \"2 x\""
    ),
    (
      "--recompute-modules", "a.sh:1: --recompute-modules: expected words, found nothing"
    ),
    (
      "--fp8-format hybrid e4m3", "a.sh:1: --fp8-format: expected one word, found \"hybrid e4m3\""
    ),
    (
      "--overlap-p2p-communication\n--no-overlap-p2p-communication",
      "a.sh:2: --no-overlap-p2p-communication contradicts --overlap-p2p-communication at a.sh:1; keep one"
    ),
    (
      "--num-layers-per-virtual-pipeline-stage 2",
      "a.sh:1: --num-layers-per-virtual-pipeline-stage needs --num-layers"
    ),
    (
      "--num-layers 48 --num-layers-per-virtual-pipeline-stage 5",
      "a.sh:1: --num-layers-per-virtual-pipeline-stage 5 does not divide the 48 layers of a pipeline "
        + "rank; the nearest that do: 4 and 6"
    ),
    (
      "--num-layers 47 --pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 5",
      "a.sh:1: --num-layers-per-virtual-pipeline-stage 5 does not divide 47 layers over PP2 ranks, "
        + "which do not divide evenly either"
    ),
    (
      "--num-layers-per-virtual-pipeline-stage 2 --num-virtual-stages-per-pipeline-rank 2",
      "a.sh:1: --num-layers-per-virtual-pipeline-stage 2 contradicts "
        + "--num-virtual-stages-per-pipeline-rank 2 at a.sh:1; keep one"
    ),
    ("--x 'y", "a.sh:1: a quote ' is opened and never closed"),
    (
      "--tensor-model-parallel-size 3",
      "8 GPUs are no whole number of model replicas of TP3·CP1·PP1 = 3; the nearest that are: 6 and 9"
    ),
    (
      "--data-parallel-size 4",
      "the plan fills 4 GPUs, not 8; leave out the number or the data-parallel degrees"
    ),
  ]

  @Test("malformed arguments are refused with file and line", arguments: refusals)
  func refused(text: String, message: String) {
    #expect {
      try MegatronArguments(text: text, file: "a.sh", gpus: 8)
    } throws: {
      "\($0)" == message
    }
  }

  @Test("a command line without a number of GPUs is refused")
  func noGPUs() {
    #expect {
      try MegatronArguments(["--tensor-model-parallel-size", "2"])
    } throws: {
      "\($0)"
        == "Megatron's flags do not say how many GPUs there are; give --gpus, a multiple of 2"
    }
  }

  @Test("a bad value on a command line is named by its position")
  func position() {
    #expect {
      try MegatronArguments(["--bf16", "--num-layers", "x"], gpus: 1)
    } throws: {
      "\($0)" == "argument 2: --num-layers: expected a whole number, at least 1, found \"x\""
    }
  }

  @Test("YAML that contradicts itself or is none is refused")
  func badYAML() {
    #expect {
      try MegatronArguments(yaml: "a: {num_layers: 4}\nb: {num-layers: 8}", file: "a.yaml", gpus: 1)
    } throws: {
      "\($0)" == "a.yaml:2: --num-layers 8 contradicts --num-layers 4 at a.yaml:1; keep one"
    }
    #expect {
      try MegatronArguments(yaml: "just words", file: "a.yaml", gpus: 1)
    } throws: {
      "\($0)"
        == "a.yaml: no YAML of arguments: expected keys and values, for example num_layers: 48"
    }
    #expect {
      try MegatronArguments(yaml: "a: [", file: "a.yaml", gpus: 1)
    } throws: {
      "\($0)".hasPrefix("a.yaml: no YAML of arguments:")
    }
  }
}
