import Memory
import Parallelism
import Units

/// Remedies as files hold them; units are in the names.
public struct MemoryRemediesJSON: Encodable, Sendable {
  /// A stage that does not fit.
  public struct Overflow: Encodable, Sendable {
    public let stage: Int
    public let peakBytes: Int
    public let excessBytes: Int
    /// When most is held.
    public let peakSeconds: Double
    /// The largest owner first.
    public let owners: [Owner]
  }

  /// What one owner holds at the peak.
  public struct Owner: Encodable, Sendable {
    public let owner: String
    public let bytes: Int
  }

  /// A step that fits.
  public struct Remedy: Encodable, Sendable {
    public let changes: [String]
    public let plan: String
    public let stepSeconds: Double
    public let slowdownFraction: Double
    public let peakBytes: Int
  }

  public let capacityBytes: Int
  public let overflows: [Overflow]
  public let remedies: [Remedy]

  public init(_ remedies: MemoryRemedies) {
    capacityBytes = remedies.capacity.count
    overflows = remedies.overflows.map { overflow in
      let memory = overflow.memory
      return Overflow(
        stage: memory.pipelineRank, peakBytes: memory.peak.count,
        excessBytes: overflow.excess.count, peakSeconds: Double(memory.time) * 1e-12,
        owners: memory.breakdown.owners.map {
          Owner(owner: $0.label, bytes: memory.breakdown[$0].count)
        })
    }
    self.remedies = remedies.remedies.map { remedy in
      Remedy(
        changes: remedy.changes.map(\.description), plan: remedy.scenario.plan.axisReading,
        stepSeconds: remedy.step.value, slowdownFraction: remedy.slowdown(from: remedies.step),
        peakBytes: remedy.peak.count)
    }
  }
}
