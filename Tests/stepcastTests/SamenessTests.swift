import Foundation
import Testing

@Suite("The same question has the same answer, to the byte") struct SamenessTests {
  @Test(
    "twice the same command",
    arguments: [
      "estimate --model moe --parallel EP2-TP2-PP2-DP2 --global-batch 16",
      "estimate --model moe --parallel EP2-TP2-PP2-DP2 --global-batch 16 --json",
      "estimate --model dense --parallel TP2-PP2-VPP2 --global-batch 8 --json",
      "estimate --model dense --parallel TP2 --phase decode --micro-batch 8 --json",
      "compare --model moe --parallel EP4 --parallel TP4 --global-batch 16 --json",
      "export dot --model moe --parallel EP2-PP2 --global-batch 4",
      "plan --parallel EP2-TP2-PP2-DP2 --json", "models --json", "clusters --json",
    ])
  func twice(line: String) throws {
    let workplace = try Workplace()
    let first = try Command.run(line, in: workplace.folder)
    let second = try Command.run(line, in: workplace.folder)
    #expect(first.status == 0, "\(first.errors)")
    #expect(!first.output.isEmpty)
    #expect(first.output == second.output)
  }

  @Test("comparing on one thread or several", arguments: ["", " --json"])
  func threads(json: String) throws {
    let workplace = try Workplace()
    let line = "compare --model moe --parallel EP4 --parallel TP4 --parallel DP4 --global-batch 16"
    let one = try Command.run("\(line) --threads 1\(json)", in: workplace.folder)
    let many = try Command.run("\(line) --threads 3\(json)", in: workplace.folder)
    #expect(one.status == 0)
    #expect(one.output == many.output)
  }

  @Test("samples on one thread or several", arguments: ["", " --json"])
  func samples(json: String) throws {
    let workplace = try Workplace()
    let line =
      "estimate --model moe --parallel EP4-TP2 --global-batch 4 --jitter kernel=0.1,rank=0.1 --samples 16"
    let one = try Command.run("\(line) --threads 1\(json)", in: workplace.folder)
    #expect(one.status == 0)
    for threads in [2, 4] {
      let many = try Command.run("\(line) --threads \(threads)\(json)", in: workplace.folder)
      #expect(one.output == many.output)
    }
    let other = try Command.run("\(line) --seed 2\(json)", in: workplace.folder)
    #expect(one.output != other.output)
  }

  @Test("Megatron's flags, a script, YAML and the plan string")
  func megatron() throws {
    let workplace = try Workplace()
    let step = "estimate --model moe --gpus 16 --json"
    let batch = "--global-batch 32 --sequence 2048"
    try workplace.write(
      """
      #!/bin/bash
      ARGS="--tensor-model-parallel-size 2 --pipeline-model-parallel-size 2 \\
        --expert-model-parallel-size 4 --expert-tensor-parallel-size 1 --sequence-parallel"
      torchrun --nproc-per-node 8 pretrain_gpt.py $ARGS \\
        --seq-length 2048 --micro-batch-size 1 --global-batch-size 32 \\
        --num-virtual-stages-per-pipeline-rank 2 --use-distributed-optimizer
      """, to: "run.sh")
    try workplace.write(
      """
      parallelism:
        tensor_model_parallel_size: 2
        pipeline_model_parallel_size: 2
        num_virtual_stages_per_pipeline_rank: 2
        expert_model_parallel_size: 4
        expert_tensor_parallel_size: 1
        sequence_parallel: true
      seq_length: 2048
      micro_batch_size: 1
      global_batch_size: 32
      """, to: "run.yaml")
    let flags = """
      --tensor-model-parallel-size 2 --pipeline-model-parallel-size 2 \
      --expert-model-parallel-size 4 --expert-tensor-parallel-size 1 \
      --num-virtual-stages-per-pipeline-rank 2
      """
    let plan = try Command.run(
      "\(step) \(batch) --parallel TP2-PP2-VPP2-DP4-EP4-ETP1-EDP2", in: workplace.folder)
    #expect(plan.status == 0, "\(plan.errors)")
    for source in ["\(flags) \(batch)", "--megatron run.sh", "--megatron run.yaml"] {
      let command = try Command.run("\(step) \(source)", in: workplace.folder)
      #expect(command.status == 0, "\(command.errors)")
      #expect(command.output == plan.output, "\(source)")
    }
  }

  @Test("what is printed beside files is what is printed without them")
  func folder() throws {
    let workplace = try Workplace()
    let line = "estimate --model moe --parallel EP2-PP2 --global-batch 4"
    let bare = try Command.run(line, in: workplace.folder)
    let written = try Command.run("\(line) -o out", in: workplace.folder)
    #expect(bare.output == written.output)
    let files = try workplace.contents().filter { $0.hasPrefix("out/") }
    #expect(
      files == [
        "out/critical-path.svg", "out/layer.svg", "out/memory.svg", "out/report.md",
        "out/timeline.svg",
      ])
  }
}
