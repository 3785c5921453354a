public import Graph
import Hardware
import Model
import Parallelism
public import Simulation
public import Units

/// How long a step takes, however much else is known about it.
public protocol StepPrediction: Sendable {
  var scenario: Scenario { get }
  var mode: PlayMode { get }
  var graph: StepGraph { get }
  /// Ranks of which one was played for all.
  var folding: Folding { get }
  /// The length of one step.
  var step: Seconds { get }
  /// The time from one step to the next.
  var period: Seconds { get }
}

extension StepPrediction {
  /// Tokens per second on one GPU when steps follow each other.
  public var tokensPerSecondPerGPU: Double {
    Double(scenario.tokens) / period.value / Double(scenario.plan.worldSize)
  }

  /// Model FLOPs of one token by Megatron's convention: forward and backward in training; causal
  /// attention at half, logits included, router, norms and recomputation excluded.
  public var modelFLOPsPerToken: FLOPs {
    let length = scenario.configuration.sequenceLength
    switch scenario.configuration.phase {
    case .train: return scenario.model.modelFLOPsPerToken(sequenceLength: length)
    case .prefill:
      // Only the last position of a prompt passes the head.
      let prompt = scenario.model.flops(sequenceLength: length)
      let logits = (1 / Double(length)) * prompt.logits
      return (1 / Double(length))
        * (prompt.projections + prompt.coreAttention + prompt.feedForward + logits)
    case .decode:
      // The new token sees the whole cache, twice the average position of a prompt.
      let prompt = scenario.model.flops(sequenceLength: length)
      return (1 / Double(length)) * (prompt.forward + prompt.coreAttention)
    }
  }

  /// Model FLOP/s on one GPU.
  public var modelThroughput: Throughput {
    Throughput(flopsPerSecond: tokensPerSecondPerGPU * modelFLOPsPerToken.count)
  }

  /// Model FLOPs utilization: against the dense peak of the step's format.
  public var utilization: Double {
    guard let peak = scenario.cluster.device.peak.rate(of: scenario.configuration.format) else {
      return 0
    }
    return modelThroughput / peak
  }
}
