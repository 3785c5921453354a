import Graph
public import Memory
import Parallelism
public import Units

/// What to do about a step that does not fit in memory: the changes that make it fit, the fastest
/// resulting step first.
public struct MemoryRemedies: Hashable, Sendable {
  /// A stage that holds more than its GPUs have.
  public struct Overflow: Hashable, Sendable {
    public let memory: StageMemory
    /// What is missing.
    public let excess: Bytes
  }

  /// The stages that do not fit, in order; empty if the step fits.
  public let overflows: [Overflow]
  /// What a rank may hold.
  public let capacity: Bytes
  /// The length of the step as it is, were there memory enough.
  public let step: Seconds
  /// By step time; equal ones in the order of their kinds. Empty if the step fits, or nothing helps.
  public let remedies: [MemoryRemedy]

  /// Tries one change of every kind and keeps the fastest step of each kind that fits; where no single
  /// change suffices, pairs of the changes that save most.
  ///
  /// Every step that is kept was lowered, priced and simulated as `Estimate` does.
  /// - Parameters:
  ///   - limit: how many remedies are kept.
  ///   - budget: how many simulations of one kind are run.
  public init(for estimate: Estimate, limit: Int = 5, budget: Int = 4) async {
    let capacity = estimate.memoryCapacity
    let scenario = estimate.scenario
    self.capacity = capacity
    step = estimate.step
    overflows = estimate.memory.filter { $0.peak > capacity }.map {
      Overflow(memory: $0, excess: $0.peak - capacity)
    }
    guard !overflows.isEmpty else {
      remedies = []
      return
    }
    let families = await inParallel(RemedyFamily.allCases) { family in
      FamilyResult(
        family.changes(of: scenario).map { [$0] }, of: scenario, within: capacity, budget: budget)
    }
    var found = families.compactMap(\.fastest)
    if found.isEmpty {
      let strongest = families.compactMap(\.strongest).enumerated()
        .sorted { ($0.element.peak, $0.offset) < ($1.element.peak, $1.offset) }
      let pairs = pairs(of: strongest.prefix(6).map(\.element.change))
      found = await inParallel(pairs) { pair in
        FamilyResult([pair], of: scenario, within: capacity, budget: 1)
      }.compactMap(\.fastest)
    }
    // Sorting is stable only by the place of each.
    let ranked = found.enumerated().sorted {
      ($0.element.step, $0.offset) < ($1.element.step, $1.offset)
    }
    remedies = ranked.prefix(limit).map(\.element)
  }
}

/// What came of the changes of one kind.
private struct FamilyResult: Sendable {
  /// The fastest step that fits.
  var fastest: MemoryRemedy?
  /// The change after which least is held, and how much that is.
  var strongest: (change: RemedyChange, peak: Bytes)?

  /// Lowers one change after the other, and plays the first ones that fit: the mildest.
  init(_ choices: [[RemedyChange]], of scenario: Scenario, within capacity: Bytes, budget: Int) {
    var played = 0
    for changes in choices {
      guard let trial = RemedyTrial(changes, to: scenario) else { continue }
      if let first = changes.first, strongest.map({ trial.peakInOrder < $0.peak }) ?? true {
        strongest = (first, trial.peakInOrder)
      }
      guard trial.peakInOrder <= capacity, played < budget else { continue }
      guard let remedy = trial.played(within: capacity) else { continue }
      played += 1
      if fastest.map({ remedy.step < $0.step }) ?? true { fastest = remedy }
      // Of graded changes the first that fits costs least.
      if changes.contains(where: \.isGraded) { return }
    }
  }
}

extension RemedyChange {
  /// Whether the changes of its kind come by degrees, each slower than the one before.
  fileprivate var isGraded: Bool {
    switch self {
    case .recomputation(.block), .recomputation(.uniform), .optimizerOffload, .activationOffload:
      true
    default: false
    }
  }
}

/// Every two changes of different kinds; two plans would undo each other.
private func pairs(of changes: [RemedyChange]) -> [[RemedyChange]] {
  changes.indices.flatMap { first in
    changes[(first + 1)...].compactMap { second -> [RemedyChange]? in
      let combined = [changes[first], second]
      return combined.filter(\.setsPlan).count > 1 || combined.filter(\.setsRecomputation).count > 1
        ? nil : combined
    }
  }
}

extension RemedyChange {
  fileprivate var setsPlan: Bool {
    switch self {
    case .plan, .schedule: true
    default: false
    }
  }

  fileprivate var setsRecomputation: Bool {
    if case .recomputation = self { true } else { false }
  }
}

/// Results in the order of their inputs, worked out side by side.
private func inParallel<Input: Sendable, Output: Sendable>(
  _ inputs: [Input], _ work: @escaping @Sendable (Input) -> Output
) async -> [Output] {
  await withTaskGroup(of: (Int, Output).self) { group in
    for (index, input) in inputs.enumerated() { group.addTask { (index, work(input)) } }
    var results = [Output?](repeating: nil, count: inputs.count)
    for await (index, output) in group { results[index] = output }
    return results.compactMap { $0 }
  }
}
