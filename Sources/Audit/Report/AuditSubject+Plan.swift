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
      "\(step.phase.rawValue), \(Self.counted(step.microbatches, "microbatch", "microbatches")) of "
      + "\(Self.counted(step.microBatchSize, "sequence", "sequences")) of "
      + "\(step.sequenceLength) tokens"
  }

  private static func counted(_ count: Int, _ singular: String, _ plural: String) -> String {
    "\(count) \(count == 1 ? singular : plural)"
  }
}
