/// Which activations are computed again, and which are moved to the host; nil where a flag is absent.
public struct MegatronRecompute: Hashable, Sendable {
  /// `--recompute-granularity`.
  public let granularity: MegatronRecomputeGranularity?
  /// `--recompute-method`.
  public let method: MegatronRecomputeMethod?
  /// `--recompute-num-layers`.
  public let layers: Int?
  /// Modules that selective recomputation covers, for example `core_attn` and `moe_act`.
  public let modules: [String]?
  /// `--optimizer-cpu-offload`.
  public let offloadsOptimizer: Bool?
  /// `--optimizer-offload-fraction`.
  public let optimizerOffloadFraction: Double?
  /// `--cpu-offloading-num-layers`.
  public let offloadedLayers: Int?
  /// Modules whose activations are offloaded.
  public let offloadedModules: [String]?

  init(_ reader: inout MegatronFlagReader) throws(MegatronError) {
    granularity = try reader.choice("recompute-granularity")
    method = try reader.choice("recompute-method")
    layers = try reader.count("recompute-num-layers")
    modules = try reader.words("recompute-modules")
    offloadsOptimizer = try reader.isOn("optimizer-cpu-offload")
    optimizerOffloadFraction = try reader.real("optimizer-offload-fraction")
    offloadedLayers = try reader.count("cpu-offloading-num-layers")
    offloadedModules = try reader.words("offload-modules")
  }
}

/// Whether whole layers or parts of them are recomputed.
public enum MegatronRecomputeGranularity: String, Hashable, Sendable, CaseIterable, MegatronChoice {
  case full
  case selective
}

/// Which layers full recomputation covers.
public enum MegatronRecomputeMethod: String, Hashable, Sendable, CaseIterable, MegatronChoice {
  case uniform
  case block
}
