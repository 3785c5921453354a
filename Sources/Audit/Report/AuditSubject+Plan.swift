import Graph
import Model
import Parallelism

extension AuditSubject {
  init(_ expected: ExpectedStep) {
    let plan = expected.grid.plan
    let step = expected.configuration
    self.model = expected.model.name
    self.plan = Self.notation(plan, hasExperts: expected.model.hasExperts)
    grids =
      "TP\(plan.tensor) CP\(plan.context) DP\(plan.data) PP\(plan.pipeline) "
      + "VPP\(plan.virtualPipeline), experts ETP\(plan.expertTensor) EP\(plan.expert) "
      + "EDP\(plan.expertData), \(plan.worldSize) GPUs"
    self.step =
      "\(step.phase.rawValue), \(step.microbatches) microbatches of \(step.microBatchSize) "
      + "sequences of \(step.sequenceLength) tokens"
  }

  /// The plan as a product of axes; with experts DP counts the replicas of an expert.
  private static func notation(_ plan: ParallelPlan, hasExperts: Bool) -> String {
    let axes: [(String, Int)] =
      hasExperts
      ? [
        ("EP", plan.expert), ("ETP", plan.expertTensor == plan.tensor ? 1 : plan.expertTensor),
        ("TP", plan.tensor), ("CP", plan.context), ("PP", plan.pipeline),
        ("VPP", plan.virtualPipeline), ("DP", plan.expertData),
      ]
      : [
        ("TP", plan.tensor), ("CP", plan.context), ("PP", plan.pipeline),
        ("VPP", plan.virtualPipeline), ("DP", plan.data),
      ]
    let text = axes.filter { $0.1 > 1 }.map { "\($0.0)\($0.1)" }.joined(separator: "-")
    return text.isEmpty ? "single GPU" : text
  }
}
