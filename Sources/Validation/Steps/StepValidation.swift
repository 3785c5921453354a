public import Units

/// Measured steps held against predictions: every row is priced or has a reason.
public struct StepValidation: Sendable {
  /// A row and its prediction.
  public struct Prediction: Hashable, Sendable {
    public let row: MeasuredStep
    public let measured: Seconds
    public let predicted: Seconds

    /// The signed relative error: negative where the prediction is too fast.
    public var error: Double { predicted / measured - 1 }
  }

  /// A row that is not priced.
  public struct Refusal: Hashable, Sendable {
    public let id: String
    public let reason: String
  }

  /// Rows of the table.
  public let rows: Int
  /// In the order of the table.
  public let predictions: [Prediction]
  public let refusals: [Refusal]

  /// - Parameters:
  ///   - table: rows with the columns of measured steps.
  ///   - estimate: the step time of a row.
  ///   - progress: called after each row.
  public init(
    _ table: CSVTable, estimate: (MeasuredStep) throws -> Seconds, progress: () -> Void = {}
  ) {
    rows = table.rows.count
    var predictions: [Prediction] = []
    var refusals: [Refusal] = []
    for row in table.rows {
      defer { progress() }
      do {
        let step = try MeasuredStep(row)
        guard let measured = step.measuredSeconds, measured > 0 else {
          throw StepRowProblem.missing(column: "step_time_s")
        }
        predictions.append(
          Prediction(row: step, measured: Seconds(measured), predicted: try estimate(step)))
      } catch {
        refusals.append(Refusal(id: row["id"], reason: "\(error)"))
      }
    }
    self.predictions = predictions
    self.refusals = refusals
  }
}
