import Units
import Validation

/// What `validate --json` prints. The names are a promise; errors are fractions.
struct ValidationJSON: Encodable {
  struct Row: Encodable {
    let id: String
    let measuredSeconds: Double
    let predictedSeconds: Double
    let lowSeconds: Double
    let highSeconds: Double
    let error: Double
  }

  struct Statistics: Encodable {
    let count: Int
    let signedMean: Double?
    let signedMedian: Double?
    let mean: Double?
    let median: Double?
    let p90: Double?
    let worst: Double?

    init(_ statistics: ErrorStatistics) {
      count = statistics.count
      signedMean = statistics.signed
      signedMedian = statistics.signedMedian
      mean = statistics.mean
      median = statistics.median
      p90 = statistics.p90
      worst = statistics.worst
    }
  }

  struct Ranking: Encodable {
    let groups: Int
    let kendallTau: Double?
    let meanRegret: Double?
    let worstRegret: Double?
  }

  let rows: Int
  let priced: Int
  let refused: [String: String]
  let predictions: [Row]
  let statistics: Statistics
  let bySource: [String: Statistics]
  let byHardware: [String: Statistics]
  let byFamily: [String: Statistics]
  let byPrecision: [String: Statistics]
  let coverage: Double?
  let ranking: Ranking

  init(_ report: ValidationReport) {
    rows = report.rows
    priced = report.predictions.count
    refused = Dictionary(report.refused.map { ($0.id, $0.reason) }) { first, _ in first }
    predictions = report.predictions.map {
      Row(
        id: $0.id, measuredSeconds: $0.measured.value, predictedSeconds: $0.predicted.value,
        lowSeconds: $0.low.value, highSeconds: $0.high.value, error: $0.error)
    }
    statistics = Statistics(report.statistics)
    let by = { (name: (Prediction) -> String?) in
      Dictionary(
        report.groups(by: name).map { ($0.name, Statistics($0.statistics)) }
      ) { first, _ in first }
    }
    bySource = by(\.source)
    byHardware = by(\.hardware)
    byFamily = by(\.family)
    byPrecision = by(\.precision)
    coverage = report.coverage
    ranking = Ranking(
      groups: report.ranking.groups.count, kendallTau: report.ranking.meanTau,
      meanRegret: report.ranking.meanRegret, worstRegret: report.ranking.worstRegret)
  }
}
