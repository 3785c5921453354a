import Foundation
import Rendering
import Units
import Validation

/// What people read about predictions held against measurements.
struct ValidationText {
  let report: ValidationReport
  /// What the rows measure, for example `steps`.
  let kind: String
  var picture: String?

  /// Writes the report, and the picture of predicted against measured beside it.
  func write(to file: URL) throws {
    let drawing = AccuracyPicture(
      points: report.predictions.map {
        .init(measured: $0.measured, predicted: $0.predicted, series: $0.hardware)
      }, title: "Predicted against measured \(kind)"
    ).drawing()
    let name = file.deletingPathExtension().lastPathComponent + ".svg"
    var text = self
    text.picture = name
    let bytes = Array(text.document.markdown().utf8)
    try AtomicFile.write(to: file) { sink in try bytes.withUnsafeBytes { try sink($0) } }
    try drawing.write(to: file.deletingLastPathComponent().appending(path: name), as: .svg)
  }

  var document: Document {
    var document = Document()
    document.append(.heading("Predicted against measured \(kind)", level: 1))
    document.append(.paragraph(summary))
    if let picture { document.append(.picture(title: "Predicted against measured", file: picture)) }
    for (title, name) in groupings where report.groups(by: name).count > 1 {
      document.append(.heading("By \(title)", level: 2))
      document.append(.table(table(of: report.groups(by: name), title)))
    }
    if !report.refused.isEmpty {
      document.append(.heading("Rows without a price", level: 2))
      document.append(.list(report.refused.map { "\($0.id): \($0.reason)" }))
    }
    return document
  }

  private var groupings: [(title: String, name: (Prediction) -> String?)] {
    [
      ("source", \.source), ("hardware", \.hardware), ("family", \.family),
      ("precision", \.precision),
    ]
  }

  private var summary: String {
    let all = report.statistics
    var sentences = [
      "\(grouped(report.predictions.count)) of \(grouped(report.rows)) rows are priced.",
      "Error: \(signed(all.signedMedian)) signed median, \(plain(all.mean)) mean, \(plain(all.median)) median, \(plain(all.p90)) at the 90th percentile, \(plain(all.worst)) at worst.",
    ]
    if let coverage = report.coverage {
      sentences.append("\(percent(coverage)) of the measurements lie between the bounds for 80 %.")
    }
    let ranking = report.ranking
    if let tau = ranking.meanTau, let regret = ranking.meanRegret, let worst = ranking.worstRegret {
      sentences.append(
        "Of \(ranking.groups.count) groups of plans: Kendall's τ \(fixed(tau, 2)), top-1 regret \(percent(regret)) on the mean and \(percent(worst)) at worst."
      )
    }
    return sentences.joined(separator: " ")
  }

  private func table(of groups: [ErrorGroup], _ title: String) -> TextTable {
    var table = TextTable([
      .init(title), .init("rows", .right), .init("signed", .right), .init("mean", .right),
      .init("median", .right), .init("p90", .right), .init("worst", .right),
    ])
    for group in groups {
      let errors = group.statistics
      table.append([
        group.name, grouped(errors.count), signed(errors.signedMedian), plain(errors.mean),
        plain(errors.median), plain(errors.p90), plain(errors.worst),
      ])
    }
    return table
  }

  private func plain(_ share: Double?) -> String { share.map(percent) ?? "–" }

  private func signed(_ share: Double?) -> String {
    share.map { "\($0 < 0 ? "−" : "+")\(percent(abs($0)))" } ?? "–"
  }
}
