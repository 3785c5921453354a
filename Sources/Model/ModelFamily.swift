import Units

/// The architecture families that can be imported, named as `model_type` names them.
enum ModelFamily: String, CaseIterable, Sendable {
  case deepseekV2 = "deepseek_v2"
  case deepseekV3 = "deepseek_v3"
  case gpt2
  case gptOss = "gpt_oss"
  case kimiK2 = "kimi_k2"
  case llama
  case mistral
  case mixtral
  case qwen2
  case qwen2Moe = "qwen2_moe"
  case qwen3
  case qwen3Moe = "qwen3_moe"

  /// The class that `architectures` lists.
  var className: String {
    switch self {
    case .deepseekV2: "DeepseekV2ForCausalLM"
    case .deepseekV3, .kimiK2: "DeepseekV3ForCausalLM"
    case .gpt2: "GPT2LMHeadModel"
    case .gptOss: "GptOssForCausalLM"
    case .llama: "LlamaForCausalLM"
    case .mistral: "MistralForCausalLM"
    case .mixtral: "MixtralForCausalLM"
    case .qwen2: "Qwen2ForCausalLM"
    case .qwen2Moe: "Qwen2MoeForCausalLM"
    case .qwen3: "Qwen3ForCausalLM"
    case .qwen3Moe: "Qwen3MoeForCausalLM"
    }
  }

  /// Whether the family normalizes each query and key head.
  var hasQueryKeyNorm: Bool { self == .qwen3 || self == .qwen3Moe }

  /// Whether the family attends through latents.
  var isLatent: Bool { [.deepseekV2, .deepseekV3, .kimiK2].contains(self) }

  /// The family that a file names, by `model_type` or else by the first of `architectures`.
  static func named(in fields: ConfigurationFields) throws(ModelError) -> ModelFamily {
    if let type = try fields.text("model_type") {
      if let family = ModelFamily(rawValue: type) { return family }
      let known = allCases.map(\.rawValue)
      throw .unknownFamily(
        file: fields.file, field: fields.prefix + "model_type",
        found: JSONValue.string(type).quoted,
        nearest: nearestSpelling(to: type, among: known), known: known)
    }
    guard let first = try fields.list("architectures")?.first else {
      throw .missingField(
        file: fields.file, field: fields.prefix + "model_type",
        expected: "one of " + allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard case .string(let name) = first else {
      throw fields.wrongType("architectures", first, "a list of class names")
    }
    if let family = allCases.first(where: { $0.className == name }) { return family }
    let known = allCases.map(\.className)
    throw .unknownFamily(
      file: fields.file, field: fields.prefix + "architectures", found: first.quoted,
      nearest: nearestSpelling(to: name, among: known), known: known)
  }
}
