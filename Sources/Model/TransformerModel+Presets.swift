import Foundation
import Units

extension TransformerModel {
  /// Every model known by name, family by family and in order of size.
  public static let presets: [TransformerModel] =
    qwenPresets + mixtralPresets + llamaPresets + gptPresets + latentPresets

  /// The preset of a name.
  ///
  /// Case does not matter, and neither do an organization in front (`Qwen/Qwen3-30B-A3B`) or Meta's and
  /// Mistral's ways of writing theirs (`Meta-Llama-3-8B`, `Mixtral-8x7B-v0.1`).
  ///
  /// - Throws: `ModelError.unknownModel` with the nearest name.
  public init(named name: String) throws(ModelError) {
    guard let preset = Self.preset(named: name) else {
      let known = Self.presets.map(\.name)
      throw .unknownModel(
        name: name, nearest: nearestSpelling(to: Self.bareName(name), among: known), known: known)
    }
    self = preset
  }

  /// The model that a command line means: a preset's name, or the path of a `config.json` or its folder.
  ///
  /// A bare preset name always means the preset, whatever lies in the current folder. With a slash,
  /// a file that exists comes first.
  public static func resolve(_ presetOrPath: String) throws(ModelError) -> TransformerModel {
    let isBare = !presetOrPath.contains("/")
    if isBare, let preset = preset(named: presetOrPath) { return preset }
    if FileManager.default.fileExists(atPath: presetOrPath) {
      return try TransformerModel(configurationAt: presetOrPath)
    }
    let mustBePath =
      presetOrPath.hasSuffix(".json") || presetOrPath.hasPrefix("/") || presetOrPath.hasPrefix(".")
    return mustBePath
      ? try TransformerModel(configurationAt: presetOrPath)
      : try TransformerModel(named: presetOrPath)
  }

  private static func preset(named name: String) -> TransformerModel? {
    let bare = bareName(name)
    return presets.first { $0.name == bare }
  }

  /// The name in lower case without organization, maker and version of the weights.
  private static func bareName(_ name: String) -> String {
    var bare = name.lowercased().split(separator: "/").last.map(String.init) ?? ""
    if bare.hasPrefix("meta-llama") { bare.removeFirst("meta-".count) }
    if bare.hasSuffix("-v0.1") { bare.removeLast("-v0.1".count) }
    return bare
  }
}
