import Cost
import Estimation
import Graph
import Lowering
import Simulation
import Units

extension MeasuredStep {
  /// What the simulator says about the row.
  ///
  /// - Throws: why the row has no price.
  public func prediction() throws -> Prediction {
    guard let measuredSeconds, measuredSeconds > 0 else {
      throw StepRowProblem.missing(column: "step_time_s")
    }
    let time = try scenario().stepTime()
    return Prediction(
      id: id, measured: Seconds(measuredSeconds), predicted: time, low: 0.85 * time,
      high: 1.18 * time, source: source, hardware: gpu, family: modelName, precision: precision,
      rankingGroup: rankingGroup)
  }

  /// Rows of one model, machine, batch, precision and release, which differ in the plan.
  private var rankingGroup: String {
    [
      modelName, gpu, "\(gpus)", "\(globalBatch ?? 0)", "\(sequenceLength)", precision, framework,
    ].joined(separator: ", ")
  }
}
