import Estimation
import Foundation
import Model
import Rendering

/// The report of an estimate with its pictures, side by side in a folder.
struct EstimateFolder {
  let estimate: Estimate
  var remedies: MemoryRemedies?
  var unequalRanks: UnequalRanks?

  func write(to folder: OutputFolder) throws {
    let pictures = Pictures(estimate: estimate)
    let middle = estimate.scenario.model.layers.count / 2
    let drawings = [
      ("Timeline", "timeline.svg", try pictures.timeline(ranks: nil)),
      ("Memory", "memory.svg", try pictures.memory(stages: nil)),
      ("Critical path", "critical-path.svg", pictures.criticalPath()),
      (
        "Layer \(middle)", "layer.svg",
        try pictures.layer(middle, rank: nil, includesBackward: true)
      ),
    ]
    let place = try folder.made()
    for (_, file, drawing) in drawings {
      try drawing.write(to: place.appending(path: file), as: .svg)
    }
    let report = EstimateReport(
      estimate: estimate, remedies: remedies, unequalRanks: unequalRanks,
      pictures: drawings.map { (title: $0.0, file: $0.1) })
    _ = try folder.write(report.document.markdown(), to: "report.md")
  }
}
