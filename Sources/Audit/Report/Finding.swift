/// One thing that is wrong with an observed DAG, with everything needed to repair it.
public struct Finding: Hashable, Sendable, Codable {
  public let family: FindingFamily
  /// What it is about, for programs: the label of a kind, of an axis, or a word for the structure.
  public let subject: String
  /// What is wrong, as a sentence without its full stop.
  public let problem: String
  public let expected: String
  public let found: String
  /// The first few places, in the order of the graph.
  public let places: [String]
  /// How many places there are in all.
  public let placeCount: Int
  /// What to do about it, as a sentence without its full stop.
  public let fix: String
  /// The line it adds to the list of corrective actions.
  public let action: CorrectiveAction?

  init(
    _ family: FindingFamily, about subject: String, _ problem: String, expected: String,
    found: String, at places: Places = Places(), fix: String, action: CorrectiveAction? = nil
  ) {
    self.family = family
    self.subject = subject
    self.problem = problem
    self.expected = expected
    self.found = found
    self.places = places.first
    self.placeCount = places.count
    self.fix = fix
    self.action = action
  }
}

/// The chapters of a report.
public enum FindingFamily: String, Hashable, Sendable, Codable, CaseIterable {
  case parallelStrategy, communication, attention, components, simplification, structure

  /// The heading of the chapter.
  public var title: String {
    switch self {
    case .parallelStrategy: "Incomplete Parallel Strategy Representation"
    case .communication: "Missing or Wrong GPU Communication Patterns"
    case .attention: "Incomplete Attention Block Breakdown"
    case .components: "Missing Model Components"
    case .simplification: "Simplification Too Extreme"
    case .structure: "Broken Graph Structure"
    }
  }

  /// What repairs the chapter's problems as a whole.
  public var fix: String {
    switch self {
    case .parallelStrategy:
      "Complete representation of all parallel dimensions with proper GPU assignments"
    case .communication:
      "Complete communication pattern representation for all parallel strategies"
    case .attention: "Complete attention block with all submodules and their connections"
    case .components: "Complete model and step with every component"
    case .simplification: "One node per operation, rank, layer and microbatch"
    case .structure: "An acyclic graph of known operations with every dependency of the step"
    }
  }

  /// What the chapter's problems have in common.
  public var issue: String {
    switch self {
    case .parallelStrategy: "The DAG does not show every coordinate of the parallel plan"
    case .communication: "Communication that the plan implies is absent or not as it must be"
    case .attention: "The attention block is not fully decomposed or not fully connected"
    case .components: "Parts of the model or of the step are absent or not as they must be"
    case .simplification: "Single nodes stand for operations that run in many places"
    case .structure: "The nodes and edges do not form the DAG of a step"
    }
  }
}

/// A line of the list of things to add.
public struct CorrectiveAction: Hashable, Sendable, Codable {
  public let title: String
  public let detail: String
  /// Whether it adds communication rather than nodes of the model.
  public let isCommunication: Bool

  static func node(_ title: String, _ detail: String) -> CorrectiveAction {
    CorrectiveAction(title: title, detail: detail, isCommunication: false)
  }

  static func communication(_ title: String, _ detail: String) -> CorrectiveAction {
    CorrectiveAction(title: title, detail: detail, isCommunication: true)
  }
}

/// The first few of many places, and how many there are.
struct Places: Hashable {
  private(set) var first: [String] = []
  private(set) var count = 0

  /// Counts a place; its text is made only for the first few.
  mutating func add(_ place: @autoclosure () -> String) {
    if first.count < 3 { first.append(place()) }
    count += 1
  }
}
