import Cost
import Estimation
import Graph
import Hardware
import Model
import Parallelism
import Simulation
import Units

extension StepPrediction {
  var title: String {
    "\(scenario.model.name) on \(grouped(scenario.plan.worldSize)) GPUs of \(scenario.cluster.name), \(scenario.configuration.phase.rawValue) step"
  }

  /// The plan in both readings, and what is odd about it.
  var planSummary: String {
    let plan = scenario.plan
    let remarks = plan.remarks(
      PlanRequirements(
        model: scenario.model, plan: plan, configuration: scenario.configuration))
    return (["\(plan.axisReading), that is \(plan.megatronReading) in Megatron's terms."] + remarks)
      .joined(separator: " ")
  }

  /// Rows of result, value and what it is of: how fast the step is.
  var speedRows: [[String]] {
    let configuration = scenario.configuration
    let length = grouped(configuration.sequenceLength)
    let batch =
      configuration.phase == .decode
      ? "\(grouped(scenario.globalBatchSize)) tokens after \(length) each"
      : "\(grouped(scenario.globalBatchSize)) × \(length) tokens"
    let microbatches = counted(configuration.microbatches, "microbatch", "microbatches")
    return [
      [
        "step time", step.description,
        "\(batch), \(microbatches) of \(configuration.microBatchSize), \(scenario.stepLabel)",
      ],
      [
        "throughput", "\(grouped(Int(tokensPerSecondPerGPU.rounded())))", "tokens/s/GPU",
      ],
      [
        "model FLOP/s", modelThroughput.description,
        "per GPU, \(modelFLOPsPerToken) per token (Megatron's convention, causal attention at half)",
      ],
      [
        "MFU", percent(utilization),
        "of the dense \(configuration.format.rawValue) peak of \(scenario.cluster.device.name)",
      ],
    ]
  }

  /// The size of the graph, and how it was played.
  var graphRow: [String] {
    [
      "execution DAG", grouped(graph.nodeCount),
      "operations, \(grouped(graph.edgeCount)) dependencies; \(foldingLabel)",
    ]
  }

  /// How many ranks there are, and how many differ.
  var foldingLabel: String {
    let ranks = counted(scenario.plan.worldSize, "rank", "ranks")
    return folding.isTrivial
      ? "\(ranks), each simulated" : "\(ranks) in \(counted(folding.classes, "class", "classes"))"
  }

  /// What is assumed about works that run at the same time.
  var contentionRemark: String {
    guard mode.sharesLinks else {
      let stack = scenario.cluster.stack
      return stack == .none
        ? "Kernels and collectives cost what benchmarks of each alone measured; what software adds inside a step (--stack) and contention (--contention) are left out."
        : "Kernels and collectives cost what benchmarks of each alone measured, and what the \(stack.name) stack adds to them inside a step (--stack); --contention shares links and devices in detail."
    }
    let architecture = scenario.cluster.device.architecture
    return
      "Collectives and messages in flight share NVLink ports, NICs and \(scenario.cluster.fabric.tree.remark) max-min fairly, and take \(architecture.communicationMultiprocessors) multiprocessors and 3.5 bytes of memory traffic per byte sent from kernels beside them: reasoned, not calibrated. What a kernel loses counts as compute, what a collective loses as that collective."
  }
}

extension Scenario {
  /// What the host does, and waits for.
  var launchRemark: String {
    let launch =
      configuration.usesCUDAGraphs
      ? cluster.host.launch
      : cluster.stack.launch?.time(on: cluster.node.processor) ?? cluster.host.launch
    return configuration.usesCUDAGraphs
      ? "The step is one CUDA graph: the host takes \(launch) to launch it and waits for nothing within it."
      : "The host takes \(launch) to launch an operation, without CUDA graphs; it waits for the token counts of each mixture-of-experts layer."
  }
}

extension FatTree {
  fileprivate var remark: String {
    guard let domainsPerLeaf else { return "nothing above them" }
    let domains = counted(domainsPerLeaf, "NVLink domain", "NVLink domains")
    return oversubscription > 1
      ? "the uplinks of leaf switches (\(domains) each, oversubscribed \(fixed(oversubscription, 1)) to 1)"
      : "the uplinks of leaf switches (\(domains) each, not oversubscribed)"
  }
}
