import Model
import Parallelism

extension MeasuredStep {
  /// The plan of the row. What it leaves out takes Megatron's defaults; a number of chunks per rank
  /// that is not printed is the largest that recipes use.
  func plan() throws(StepRowProblem) -> ParallelPlan {
    guard let tensor, let pipeline else { throw .missing(column: tensor == nil ? "tp" : "pp") }
    let context = context ?? 1
    let replica = tensor * context * pipeline
    guard replica > 0, gpus % replica == 0 else {
      throw .illegal("\(gpus) GPUs are no multiple of TP\(tensor)·CP\(context)·PP\(pipeline)")
    }
    let data = gpus / replica
    let expert = experts == nil ? 1 : max(1, expert ?? 1)
    let folds = { (expertTensor: Int) in (gpus / pipeline) % (expert * expertTensor) == 0 }
    let expertTensor = [self.expertTensor ?? tensor, tensor, 1].first(where: folds) ?? 1
    do throws(PlanError) {
      return try ParallelPlan(
        checkingTensor: tensor, context: context, pipeline: pipeline,
        virtualPipeline: chunks(pipeline: pipeline), expert: expert, expertTensor: expertTensor,
        data: data, sequenceParallel: sequenceParallel == true || (experts != nil && tensor > 1))
    } catch {
      throw .illegal(error.description)
    }
  }

  /// Model chunks per rank: as printed, or the largest divisor of a rank's layers that recipes use.
  private func chunks(pipeline: Int) -> Int {
    guard pipeline > 1, !schedule.hasPrefix("ZB") else { return 1 }
    let printed = virtualPipeline ?? guessedChunks(pipeline: pipeline)
    return canInterleave(pipeline: pipeline) ? printed : 1
  }

  private func guessedChunks(pipeline: Int) -> Int {
    guard schedule.contains("interleaved") || stack.usesInterleavingByDefault else { return 1 }
    let each = layers / pipeline
    let most = stack.usesInterleavingByDefault ? 12 : 4
    return (1...max(1, min(most, each))).last { each % $0 == 0 } ?? 1
  }

  /// Megatron interleaves only where the last group of microbatches fills the pipeline.
  private func canInterleave(pipeline: Int) -> Bool {
    let last = microbatches % pipeline
    return last == 0 && microbatches >= pipeline
  }

  /// Sequences per microbatch: as printed; otherwise 1 in a pipeline, and up to 4 without.
  var sequencesPerMicrobatch: Int {
    if let microBatch, microBatch > 0 { return microBatch }
    guard (pipeline ?? 1) == 1 else { return 1 }
    return max(1, min(sequencesPerReplica, hidden < 6000 ? 4 : 2))
  }

  /// Microbatches per step and replica, rounded up where the batch does not split.
  var microbatches: Int {
    let each = sequencesPerMicrobatch
    return max(1, (sequencesPerReplica + each - 1) / each)
  }

  private var sequencesPerReplica: Int {
    let replicas = gpus / max(1, (tensor ?? 1) * (context ?? 1) * (pipeline ?? 1))
    return max(1, ((globalBatch ?? replicas) + replicas - 1) / max(1, replicas))
  }
}
