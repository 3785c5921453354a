import Graph
import Model
import Parallelism
import Units

/// The sizes that one rank sees in one microbatch.
struct LocalShape {
  let model: TransformerModel
  let plan: ParallelPlan
  let configuration: StepConfiguration
  /// Sequences per microbatch.
  let batch: Int
  /// New tokens per sequence on one context-parallel rank: all of them, or one in decode.
  let queries: Int
  /// Tokens of a microbatch on one tensor-parallel group.
  let tokens: Int
  /// Tokens in the regions between tensor-parallel blocks: a shard under sequence parallelism.
  let residualTokens: Int

  init(_ model: TransformerModel, _ plan: ParallelPlan, _ configuration: StepConfiguration) {
    self.model = model
    self.plan = plan
    self.configuration = configuration
    batch = configuration.microBatchSize
    queries = configuration.phase == .decode ? 1 : configuration.sequenceLength / plan.context
    tokens = batch * queries
    residualTokens = plan.sequenceParallel ? divided(tokens, by: plan.tensor) : tokens
  }

  var trains: Bool { configuration.phase == .train }

  /// Multi-token-prediction modules that the step trains.
  var predictionModules: Int {
    trains && configuration.multiTokenPrediction ? model.multiTokenPredictionLayers : 0
  }

  /// Bytes of one activation element.
  var width: Int { configuration.format.width }

  var hidden: Int { model.hiddenSize }

  /// Bytes of the residual stream of one microbatch on one rank.
  var residualBytes: Bytes { Bytes(residualTokens * hidden * width) }

  /// Bytes of the gathered activations of one microbatch.
  var gatheredBytes: Bytes { Bytes(tokens * hidden * width) }

  /// Memory traffic of a kernel over a tensor, in bytes per element.
  func traffic(_ kernel: MemoryKernel, elements: Int, bytesPerElement: Int) -> Work {
    .memoryBound(MemoryTraffic(kernel, bytes: Bytes(elements * bytesPerElement)))
  }
}

/// A share rounded up: the largest part when something is split as evenly as it goes.
func divided(_ amount: Int, by parts: Int) -> Int { (amount + parts - 1) / parts }
