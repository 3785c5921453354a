public import Cost
import Graph
import Hardware
public import Model
import Parallelism

extension StepVariation {
  /// Refuses what a scenario does not have: ranks, nodes, rails, experts that can be loaded unevenly.
  ///
  /// - Throws: `VariationError` for the first.
  func check(_ scenario: Scenario) throws(VariationError) {
    try check(scenario.plan, on: scenario.cluster)
    guard let expertLoad else { return }
    guard let experts = scenario.model.mixtureOfExperts, experts.experts == expertLoad.shares.count
    else { throw .noExperts(model: scenario.model.name) }
    if scenario.configuration.capacityFactor != nil {
      throw .balancedByDesign(reason: "a capacity factor gives every expert the same rows")
    }
  }
}

extension ExpertLoadSource {
  /// The load of a model's experts.
  ///
  /// - Parameters:
  ///   - seed: which experts are wanted most.
  ///   - read: the text of a file.
  /// - Throws: `VariationError` for a model without experts or a map that makes no sense, and what `read`
  ///   throws.
  public func load(
    of model: TransformerModel, seed: UInt64, reading read: (String) throws -> String
  ) throws -> ExpertLoad {
    guard let experts = model.mixtureOfExperts?.experts else {
      throw VariationError.noExperts(model: model.name)
    }
    return switch self {
    case .zipf(let exponent): .zipf(exponent, experts: experts, seed: seed)
    case .powerLaw(let exponent): .powerLaw(exponent, experts: experts, seed: seed)
    case .map(let file): try ExpertLoad(map: try read(file), file: file, experts: experts)
    }
  }
}
