import Cost
import Graph
import Parallelism
import Simulation
public import Units

/// How long a step takes when its kernels scatter: many samples of the random factors.
///
/// Every factor is a function of seed, sample, operation and rank, so the samples are the same whatever
/// thread plays them.
public struct MonteCarlo: Sendable {
  /// The length of the step, by sample.
  public let steps: [Ticks]
  private let sorted: [Ticks]

  /// Plays a step again and again.
  ///
  /// - Parameters:
  ///   - estimate: of a step whose kernels scatter.
  ///   - samples: how often, at least once; the first is the estimate itself.
  ///   - threads: how many samples are played at the same time, at least one.
  ///   - advance: told of each sample when it is done.
  /// - Throws: what playing the step throws.
  public init(
    _ estimate: Estimate, samples: Int, threads: Int, advance: () -> Void = {}
  ) async throws {
    precondition(samples >= 1 && threads >= 1, "a sample and a thread at least")
    let executor = RunAheadExecutor(estimate.graph, costs: estimate.costs)
    let play: @Sendable (Int) -> (Int, Result<Ticks, any Error>) = { sample in
      (sample, Result { try executor.outcome(ofSample: sample).makespan })
    }
    let results = await withTaskGroup(of: (Int, Result<Ticks, any Error>).self) { group in
      var results = [Result<Ticks, any Error>?](repeating: nil, count: samples)
      for sample in 0..<samples {
        if sample >= threads, let done = await group.next() {
          results[done.0] = done.1
          advance()
        }
        group.addTask { play(sample) }
      }
      for await done in group {
        results[done.0] = done.1
        advance()
      }
      return results.compactMap { $0 }
    }
    self.init(steps: try results.map { try $0.get() })
  }

  init(steps: [Ticks]) {
    self.steps = steps
    sorted = steps.sorted()
  }

  /// The shortest step that a share of the samples does not exceed, for example 0.95 of them.
  ///
  /// - Precondition: the share is above 0 and at most 1.
  public func quantile(_ share: Double) -> Ticks {
    precondition(share > 0 && share <= 1, "a share above 0 and at most 1")
    let position = Int((share * Double(sorted.count)).rounded(.up))
    return sorted[max(1, min(sorted.count, position)) - 1]
  }

  public var mean: Seconds {
    steps.reduce(Seconds.zero) { $0 + (1 / Double(steps.count)) * $1.seconds }
  }
}
