/// Predictions for a table of measurements: every row is priced, or counted with its reason.
public struct ValidationReport: Hashable, Sendable {
  /// Rows of the table.
  public let rows: Int
  /// In the order of the table.
  public let predictions: [Prediction]
  /// Rows without a prediction, in the order of the table.
  public let refused: [UnpricedRow]

  /// Prices all rows of a table, several at the same time; the report does not depend on how many.
  ///
  /// - Parameters:
  ///   - threads: rows that are priced at the same time.
  ///   - predict: the prediction for a row; what it throws is the reason for having none.
  ///   - progress: called after each row, on one task.
  public init(
    of table: CSVTable, threads: Int = 1, progress: () -> Void = {},
    predict: @escaping @Sendable (CSVRow) throws -> Prediction
  ) async {
    let rows = table.rows
    let results = await withTaskGroup(of: (Int, Result<Prediction, any Error>).self) { group in
      var results = [Result<Prediction, any Error>?](repeating: nil, count: rows.count)
      for (index, row) in rows.enumerated() {
        if index >= threads, let done = await group.next() {
          results[done.0] = done.1
          progress()
        }
        group.addTask { (index, Result { try predict(row) }) }
      }
      for await done in group {
        results[done.0] = done.1
        progress()
      }
      return results.compactMap { $0 }
    }
    self.rows = rows.count
    var predictions: [Prediction] = []
    var refused: [UnpricedRow] = []
    var names: Set<String> = []
    for (row, result) in zip(rows, results) {
      switch result {
      case .success(let prediction): predictions.append(prediction)
      case .failure(let error):
        let id = row["id"].isEmpty ? "line \(row.line)" : row["id"]
        let isNew = names.insert(id).inserted
        refused.append(
          UnpricedRow(id: isNew ? id : "\(id), line \(row.line)", reason: "\(error)"))
      }
    }
    self.predictions = predictions
    self.refused = refused
  }

  /// The errors of all predictions.
  public var statistics: ErrorStatistics { ErrorStatistics(predictions.map(\.error)) }

  /// The errors by a property of the rows.
  public func groups(by name: (Prediction) -> String?) -> [ErrorGroup] {
    ErrorGroup.groups(of: predictions, by: name, error: \.error)
  }

  /// The share of measurements between the bounds of their predictions, which should hold 80 %.
  public var coverage: Double? {
    predictions.isEmpty
      ? nil : Double(predictions.count { $0.isInside }) / Double(predictions.count)
  }

  /// How well plans of one model on one machine are ranked.
  public var ranking: PlanRanking { PlanRanking(predictions) }
}
