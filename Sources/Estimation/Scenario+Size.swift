import Cost
import Graph
import Hardware
import Model
import Parallelism
import Simulation
import Units

/// How large a step may be.
///
/// Far beyond every published job, and small enough that no count of bytes, elements or picoseconds
/// overflows and that the programs of the stages fit in the memory of a workstation. How many ranks
/// are played is limited by memory alone, see `PricedStep`.
private enum Limit {
  /// Tokens of one microbatch: with 2¹⁸ rows of a vocabulary and 2¹⁴ columns, below 2⁶³ elements.
  static let microbatchTokens = 1 << 27
  /// Positions of one replica's sequences, in activations or in the KV cache.
  static let replicaTokens = 1 << 32
  /// Layers times microbatches: about 30 to 100 operations of some 150 bytes each.
  static let layerPasses = 1 << 20
  /// Serial arithmetic of one replica at peak; the clock holds 200 times as much.
  static let arithmetic = Seconds(50_000)
  /// The largest span in picoseconds that fits in 63 bits, with a margin for rounding.
  static let clock = Seconds(9.2e6)
}

extension Scenario {
  /// Refuses tokens that cannot be computed with, before anything is multiplied in whole numbers.
  static func checkTokens(of configuration: StepConfiguration, model: TransformerModel)
    throws(ScenarioError)
  {
    let length = configuration.sequenceLength
    let batch = configuration.microBatchSize
    let microbatches = configuration.microbatches
    let newTokens = configuration.phase == .decode ? 1 : length
    if model.positions == .learned, length > model.maximumPositions {
      throw .beyondPositions(
        model: model.name, sequenceLength: length, positions: model.maximumPositions)
    }
    guard isProduct([batch, newTokens], atMost: Limit.microbatchTokens) else {
      throw .microbatchTooLarge(
        microBatchSize: batch, tokensPerSequence: newTokens, limit: Limit.microbatchTokens)
    }
    guard isProduct([batch, microbatches, length], atMost: Limit.replicaTokens) else {
      throw .batchTooLarge(
        sequences: batch.multipliedReportingOverflow(by: microbatches).partialValue,
        sequenceLength: length, limit: Limit.replicaTokens)
    }
  }

  /// Refuses a legal step that is too long to simulate.
  func checkSize() throws(ScenarioError) {
    let layers = model.layers.count
    let microbatches = configuration.microbatches
    guard Self.isProduct([layers, microbatches], atMost: Limit.layerPasses) else {
      throw .tooManyMicrobatches(
        layers: layers, microbatches: microbatches, limit: Limit.layerPasses)
    }
    try checkWork()
  }

  /// Refuses steps whose arithmetic alone, one microbatch after the other, takes half a day at peak.
  private func checkWork() throws(ScenarioError) {
    guard let peak = cluster.device.peak.rate(of: configuration.format) else { return }
    let forward = model.forwardFLOPs(sequenceLength: configuration.sequenceLength)
    let perSequence: FLOPs =
      switch configuration.phase {
      case .train: 3 * forward
      case .prefill: forward
      case .decode: (2 / Double(configuration.sequenceLength)) * forward
      }
    let sequences = configuration.microBatchSize * configuration.microbatches
    let time =
      (Double(sequences) / Double(plan.tensor * plan.context)) * (perSequence / peak)
    guard time <= Limit.arithmetic else {
      throw .tooMuchWork(atPeak: time, limit: Limit.arithmetic)
    }
  }

  private static func isProduct(_ factors: [Int], atMost limit: Int) -> Bool {
    factors.reduce(1) { $0 * Double($1) } <= Double(limit)
  }
}

extension StepCosts {
  /// Refuses costs that could add up to more than the clock holds, were everything to run in a row.
  func checkSum(over graph: StepGraph) throws(ScenarioError) {
    let longest = graph.works.indices.map { work in
      let end = work + 1 < offset.count ? offset[work + 1] : durations.count
      return durations[offset[work]..<end].map(\.seconds).max() ?? .zero
    }
    var sum = Seconds.zero
    for program in graph.programs {
      for operation in program.operations {
        sum += longest[operation.work]
        sum += launch.seconds
      }
    }
    guard sum <= Limit.clock else {
      throw .tooLong(seconds: sum, ranks: graph.grid.worldSize)
    }
  }
}

extension Timeline {
  /// Refuses a step whose time, summed over ranks, is more than the clock holds.
  func checkSum() throws(ScenarioError) {
    try makespan.checkSum(over: graph.grid.worldSize)
  }
}

extension Ticks {
  /// Refuses the length of a step that, summed over ranks, is more than the clock holds.
  func checkSum(over ranks: Int) throws(ScenarioError) {
    guard Double(ranks) * seconds <= Limit.clock else {
      throw .tooLong(seconds: seconds, ranks: ranks)
    }
  }
}
