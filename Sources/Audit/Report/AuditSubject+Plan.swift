import Graph
import Model
import Parallelism

extension AuditSubject {
  init(_ expected: ExpectedStep) {
    let plan = expected.grid.plan
    let step = expected.configuration
    self.model = expected.model.name
    self.plan = plan.axisReading
    grids = "\(plan.megatronReading) on \(plan.worldSize) GPUs"
    self.step =
      "\(step.phase.rawValue), \(step.microbatches) microbatches of \(step.microBatchSize) "
      + "sequences of \(step.sequenceLength) tokens"
  }
}
