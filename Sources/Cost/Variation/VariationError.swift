import Units

/// Why ranks cannot differ as asked.
public enum VariationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Text that is not of a form.
  case malformed(String, VariationForm)
  case factorOutOfRange(String, Double)
  case shareOutOfRange(String, Double)
  case deviationOutOfRange(String, Double)
  case exponentOutOfRange(String, Double)
  case missingRank(Int, ranks: Int)
  case missingNode(Int, nodes: Int)
  case missingRail(Int, rails: Int)
  /// An expert load for a model without experts.
  case noExperts(model: String)
  /// An expert load for a step that does not move tokens by where their experts are.
  case balancedByDesign(reason: String)
  /// A routing map with a line that is not an expert and its tokens.
  case malformedMap(file: String, line: Int, found: String)
  case missingExpert(file: String, line: Int, expert: Int, experts: Int)
  case repeatedExpert(file: String, line: Int, expert: Int)
  /// A routing map without a single token.
  case noTokens(file: String)

  public var description: String {
    switch self {
    case .malformed(let text, let form):
      "\(form.option) \"\(text)\" is not of the form \(form.expected)"
    case .factorOutOfRange(let text, let factor):
      "--slow \"\(text)\": a factor of \(factor) is not between 0.01 and 1,000; 1.2 takes 20 % longer"
    case .shareOutOfRange(let text, let share):
      "--degrade \"\(text)\": \(share) is not between 0.001 and 1; 0.5 leaves half of the bandwidth"
    case .deviationOutOfRange(let text, let deviation):
      "--jitter \"\(text)\": \(deviation) is not between 0 and 1; 0.05 scatters kernels by about 5 %"
    case .exponentOutOfRange(let text, let exponent):
      "--expert-load \"\(text)\": an exponent of \(exponent) is not between 0 (a power law's: 0.1) and 10"
    case .missingRank(let rank, let ranks):
      "--slow rank=\(rank): the plan has \(grouped(ranks)) ranks, 0 to \(grouped(ranks - 1))"
    case .missingNode(let node, let nodes):
      nodes == 1
        ? "--slow node=\(node): the plan fits on one node, number 0"
        : "--slow node=\(node): the plan fills \(grouped(nodes)) nodes, 0 to \(grouped(nodes - 1))"
    case .missingRail(let rail, let rails):
      rails == 1
        ? "--degrade rail=\(rail): the cluster has one rail, number 0"
        : "--degrade rail=\(rail): the cluster has \(rails) rails, 0 to \(rails - 1)"
    case .noExperts(let model):
      "--expert-load: \(model) has no experts; leave it out or choose a mixture of experts"
    case .balancedByDesign(let reason):
      "--expert-load: \(reason), so no load is uneven; leave one of the two out"
    case .malformedMap(let file, let line, let found):
      "\(file): line \(line): \"\(found)\" is not an expert and its tokens; write for example \"17,4096\""
    case .missingExpert(let file, let line, let expert, let experts):
      "\(file): line \(line): there is no expert \(expert); the model has \(experts), 0 to \(experts - 1)"
    case .repeatedExpert(let file, let line, let expert):
      "\(file): line \(line): expert \(expert) has a line already; add the two up"
    case .noTokens(let file):
      "\(file): no expert gets a token; write one line for each that does, for example \"17,4096\""
    }
  }
}

/// What a text about unequal ranks must look like.
public enum VariationForm: Hashable, Sendable {
  case slow, degrade, jitter, expertLoad

  var option: String {
    switch self {
    case .slow: "--slow"
    case .degrade: "--degrade"
    case .jitter: "--jitter"
    case .expertLoad: "--expert-load"
    }
  }

  var expected: String {
    switch self {
    case .slow: "rank=17:1.2 or node=3:1.1"
    case .degrade: "rail=2:0.5"
    case .jitter: "kernel=0.05,rank=0.02"
    case .expertLoad: "zipf:1.2, power:1.5 or the name of a .csv file"
    }
  }
}
