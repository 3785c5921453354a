import Memory
public import Units

extension MemoryRemedies {
  /// A paragraph: which stages do not fit, what they hold, and whether anything helps.
  public var summary: String {
    guard !overflows.isEmpty else { return "Every rank fits in \(capacity)." }
    let stages = overflows.map { overflow in
      let memory = overflow.memory
      let owners = memory.breakdown.owners.prefix(4).map {
        "\($0.label) \(memory.breakdown[$0])"
      }
      return "Stage \(memory.pipelineRank) needs \(memory.peak), \(overflow.excess) more than the "
        + "\(capacity) usable: \(owners.joined(separator: ", "))."
    }
    let end =
      remedies.isEmpty
      ? "No change of the options and no other split of the same GPUs that was tried makes it fit: "
        + "use more GPUs, a shorter sequence or a smaller model."
      : "Changes that make it fit, the fastest step first:"
    return "Out of memory. " + (stages + [end]).joined(separator: " ")
  }

  /// What the columns of `rows` are.
  public static let headings = ["change", "step", "against now", "peak memory"]

  /// One row per remedy.
  public var rows: [[String]] {
    remedies.map { remedy in
      [
        remedy.summary, "\(step) → \(remedy.step)", signedPercent(remedy.slowdown(from: step)),
        remedy.peak.description,
      ]
    }
  }

  private func signedPercent(_ share: Double) -> String {
    "\(share < 0 ? "−" : "+")\(fixed(abs(100 * share), 1)) %"
  }
}

extension MemoryRemedy {
  /// How much longer the step takes than before, as a share of that; negative if shorter.
  public func slowdown(from before: Seconds) -> Double { step.value / before.value - 1 }
}
