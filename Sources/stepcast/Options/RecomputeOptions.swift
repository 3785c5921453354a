import ArgumentParser
import Estimation
import Graph

/// Which activations are computed again, and which wait on the host.
struct RecomputeOptions: ParsableArguments {
  enum Granularity: String, ExpressibleByArgument, CaseIterable {
    case none, selective, full
  }

  enum Method: String, ExpressibleByArgument, CaseIterable {
    case uniform, block
  }

  @Option(
    name: [.customLong("recompute-granularity"), .customLong("recompute")],
    help: "Activation recomputation: none, selective (by module) or full (whole layers).")
  var granularity: Granularity?

  @Option(
    name: .customLong("recompute-method"),
    help: "Full recomputation of every layer in units (uniform), or of a chunk's first (block).")
  var method: Method?

  @Option(
    name: .customLong("recompute-num-layers"),
    help: "Layers per unit (uniform), or layers of a chunk that are recomputed (block).")
  var layers: Int?

  @Option(
    name: .customLong("recompute-modules"), parsing: .upToNextOption,
    help: """
      Modules of selective recomputation: \
      \(RecomputedModule.allCases.map(\.rawValue).joined(separator: ", ")). (default: core_attn)
      """)
  var modules: [String] = []

  @Flag(
    name: .customLong("optimizer-cpu-offload"),
    help: "Keep and update the optimizer state on the host.")
  var offloadsOptimizer = false

  @Option(
    name: .customLong("optimizer-offload-fraction"),
    help: "Share of the optimizer state on the host, 0 to 1; all unless given.")
  var offloadFraction: Double?

  @Option(
    name: .customLong("cpu-offloading-num-layers"),
    help: "Layers of each chunk whose activations wait on the host.")
  var offloadedLayers: Int?

  func validate() throws {
    if let layers, layers < 1 {
      throw ValidationError("--recompute-num-layers must be at least 1, got \(layers)")
    }
    guard granularity == .full || (method == nil && layers == nil) else {
      throw ValidationError(
        "--recompute-method and --recompute-num-layers go with --recompute-granularity full")
    }
    guard granularity == .selective || modules.isEmpty else {
      throw ValidationError("--recompute-modules goes with --recompute-granularity selective")
    }
  }

  func apply(to configuration: inout StepConfiguration) throws {
    if offloadsOptimizer || offloadFraction != nil {
      configuration.optimizerOffload = offloadFraction ?? 1
    }
    if let offloadedLayers { configuration.activationOffloadLayers = offloadedLayers }
    switch granularity {
    case nil: return
    case .some(.none): configuration.recomputation = .none
    case .selective: configuration.recomputation = .selective(try selection())
    case .full:
      configuration.recomputation =
        method == .block ? .block(layers: layers ?? 1) : .uniform(interval: layers ?? 1)
    }
  }

  private func selection() throws -> Set<RecomputedModule> {
    let names = modules.flatMap { $0.split(separator: ",").map(String.init) }
    do {
      return names.isEmpty ? [.coreAttention] : try RecomputedModule.named(names)
    } catch {
      throw ValidationError("--recompute-modules: \(error)")
    }
  }
}
