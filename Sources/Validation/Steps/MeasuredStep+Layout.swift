import Parallelism

extension MeasuredStep {
  /// Which layers each stage holds.
  ///
  /// Even where the layers divide. Otherwise embedding and loss, and a prediction module, count as a
  /// layer each, and what is left over goes to the stages behind the first.
  func layout(of plan: ParallelPlan) -> PipelineLayout {
    let stages = plan.stages
    if plan.pipeline == 1 || (layers % stages == 0 && !mentions("embedding balanced")) {
      return .even
    }
    if (layers + 2) % stages == 0 { return .counting(embedding: true, loss: true) }
    let tail = mentions("1 MTP") ? 2 : 1
    let items = layers + 1 + tail
    var counts = (0..<stages).map { stage in
      // The remainder goes to stages in the middle, which hold neither embedding nor loss.
      items / stages + (stage >= 1 && stage <= items % stages ? 1 : 0)
    }
    counts[0] = max(0, counts[0] - 1)
    counts[stages - 1] = max(0, counts[stages - 1] - tail)
    var surplus = layers - counts.reduce(0, +)
    var stage = stages / 2
    while surplus != 0 {
      let change = surplus > 0 ? 1 : -1
      if counts[stage] + change >= 0 {
        counts[stage] += change
        surplus -= change
      }
      stage = (stage + 1) % stages
    }
    return .custom(counts)
  }
}
