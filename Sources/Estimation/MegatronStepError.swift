public import Graph
import Units

/// Why a value of one of Megatron's flags makes no step here.
public enum MegatronStepError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Hierarchical context parallelism without its two sizes.
  case contextSizes([Int])
  case recipe(String)
  case module(String)

  public var description: String {
    switch self {
    case .contextSizes(let sizes):
      """
      --hierarchical-context-parallel-sizes: expected the ranks of an a2a group and of the ring \
      between groups, for example 2 4, found \
      \(sizes.isEmpty ? "nothing" : sizes.map(String.init).joined(separator: " "))
      """
    case .recipe(let name):
      "--fp8-recipe: expected tensorwise, delayed, blockwise or mxfp8, found \"\(name)\""
    case .module(let name):
      "there is no module \"\(name)\" to recompute; \(Self.hint(for: name))"
    }
  }

  private static func hint(for name: String) -> String {
    let names = RecomputedModule.allCases.map(\.rawValue)
    guard let nearest = nearestSpelling(to: name, among: names) else {
      return "there are \(names.joined(separator: ", "))"
    }
    return "did you mean \"\(nearest)\"?"
  }
}

extension RecomputedModule {
  /// Modules by Megatron's names.
  ///
  /// - Throws: `MegatronStepError.module` for a name that no module has.
  public static func named(_ names: [String]) throws(MegatronStepError) -> Set<RecomputedModule> {
    var modules: Set<RecomputedModule> = []
    for name in names {
      guard let module = RecomputedModule(rawValue: name) else { throw .module(name) }
      modules.insert(module)
    }
    return modules
  }
}
