import Graph
import Parallelism

/// How a graph uses the freedom that a plan leaves: an all-reduce is a reduce-scatter and an
/// all-gather, so a DAG may show either with the same traffic.
///
/// The choice is taken from the graph as a whole; one deviating node is an error, not a choice.
struct PlanReading {
  private(set) var plan: ParallelPlan
  private(set) var configuration: StepConfiguration
  /// Where all ranks agree on the gradient norm although one replica of the model would do.
  private(set) var gradientNormGroup: GroupFamily?
  private(set) var notes: [String] = []

  init(of graph: ObservedGraph, plan: ParallelPlan, configuration: StepConfiguration) {
    self.plan = plan
    self.configuration = configuration
    let scatters = Self.operations(of: [.attentionScatter, .feedForwardScatter], in: graph)
    let reductions = Self.operations(of: [.gradientReduce, .expertGradientReduce], in: graph)
    if plan.tensor > 1, let isReduced = Self.isAllReduce(scatters),
      isReduced == plan.sequenceParallel
    {
      self.plan = ParallelPlan(
        tensor: plan.tensor, context: plan.context, pipeline: plan.pipeline,
        virtualPipeline: plan.virtualPipeline, expert: plan.expert,
        expertTensor: plan.expertTensor, data: plan.data, sequenceParallel: !isReduced,
        rankOrder: plan.rankOrder)
      notes.append(
        isReduced
          ? "read without sequence parallelism: all-reduces in place of gathers and scatters"
          : "read with sequence parallelism: gathers and scatters in place of all-reduces")
    }
    let isOpen =
      [.none, .optimizer].contains(configuration.sharding)
      && configuration.axisCuts(of: plan).instances == 1
    if isOpen, let isReduced = Self.isAllReduce(reductions),
      isReduced == configuration.sharding.shardsOptimizer
    {
      self.configuration.sharding = isReduced ? .none : .optimizer
      notes.append(
        isReduced
          ? "read without a distributed optimizer: gradients are all-reduced"
          : "read with a distributed optimizer: gradients are reduce-scattered")
    }
    let norms = graph.nodes.filter { $0.kind == .gradientNormReduce }
    if !self.configuration.sharding.shardsOptimizer, plan.worldSize > 1, !norms.isEmpty,
      norms.allSatisfy({ $0.family == .world })
    {
      gradientNormGroup = .world
      notes.append("the gradient norm is agreed over all ranks in place of one model replica")
    }
  }

  private static func operations(of kinds: [OperationKind], in graph: ObservedGraph)
    -> (allReduces: Int, others: Int)
  {
    var counts = (allReduces: 0, others: 0)
    for node in graph.nodes {
      guard let kind = node.kind, kinds.contains(kind), let operation = node.operation else {
        continue
      }
      guard node.pass == .forward || node.pass == .step else { continue }
      if operation == .allReduce { counts.allReduces += 1 } else { counts.others += 1 }
    }
    return counts
  }

  /// Whether all are all-reduces, or none; nil for a mixture and for nothing.
  private static func isAllReduce(_ counts: (allReduces: Int, others: Int)) -> Bool? {
    if counts.allReduces > 0, counts.others == 0 { return true }
    if counts.allReduces == 0, counts.others > 0 { return false }
    return nil
  }
}
