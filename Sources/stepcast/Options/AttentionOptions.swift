import ArgumentParser
import Graph

/// How context- and tensor-parallel ranks exchange activations.
struct AttentionOptions: ParsableArguments {
  enum Exchange: String, ExpressibleByArgument, CaseIterable {
    case ring = "p2p"
    case allGather = "all_gather"
    case allToAll = "a2a"
    case hierarchical = "a2a+p2p"
  }

  @Option(
    name: .customLong("cp-comm-type"),
    help: """
      Context parallelism: p2p (ring over the zigzag split), all_gather, a2a (Ulysses), or a2a+p2p \
      (hierarchical). (default: p2p)
      """)
  var exchange: Exchange?

  @Option(
    name: .customLong("hierarchical-context-parallel-sizes"), parsing: .upToNextOption,
    help: "Ranks of the a2a groups and of the rings between them, for a2a+p2p, e.g. 2 4.")
  var sizes: [String] = []

  @Flag(
    inversion: .prefixedNo,
    help: "Sequence parallelism with TP; off by default only for decode of dense models.")
  var sequenceParallel: Bool?

  @Flag(
    name: .customLong("tp-comm-overlap"),
    help: "Tensor-parallel gathers and scatters in chunks under their GEMMs.")
  var overlapsTensor = false

  func validate() throws {
    guard (exchange == .hierarchical) == !sizes.isEmpty else {
      throw ValidationError(
        "--cp-comm-type a2a+p2p and --hierarchical-context-parallel-sizes need each other")
    }
  }

  func apply(to configuration: inout StepConfiguration, context: Int) throws {
    if overlapsTensor { configuration.overlapsTensor = true }
    switch exchange {
    case nil: return
    case .ring: configuration.contextExchange = .ring
    case .allGather: configuration.contextExchange = .allGather
    case .allToAll: configuration.contextExchange = .allToAll
    case .hierarchical:
      let numbers = sizes.flatMap { $0.split(separator: ",") }.compactMap { Int($0) }
      guard numbers.count == 2, numbers[0] * numbers[1] == context else {
        throw ValidationError(
          """
          --hierarchical-context-parallel-sizes takes two sizes whose product is CP\(context), got \
          \(sizes.joined(separator: " "))
          """)
      }
      configuration.contextExchange = .hierarchical(inner: numbers[0])
    }
  }
}
