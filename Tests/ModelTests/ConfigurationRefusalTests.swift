import Foundation
import Model
import Testing

@Suite("Refusals of a configuration")
struct ConfigurationRefusalTests {
  @Test("a missing file, a folder without one, and an unreadable one say what to give instead")
  func unreadable() throws {
    let hint = "give the path of a config.json or of the folder that holds it"
    #expect(throws: ModelError.unreadable(file: "/nowhere/config.json", reason: "no such file")) {
      try TransformerModel(configurationAt: "/nowhere/config.json")
    }
    let written = try WrittenConfiguration("{}", as: "other.json")
    let path = written.folder.path
    let error = #expect(throws: ModelError.self) { try TransformerModel(configurationAt: path) }
    #expect(
      error?.description == "\(path)/config.json: the folder holds no config.json; \(hint)")
    let huge = try refusal(String(repeating: " ", count: 5 << 20))
    #expect(huge == "config.json: is larger than 4 MiB; \(hint)")
  }

  @Test(
    "what is not a JSON object is refused as such",
    arguments: [
      "", "{", "{\"hidden_size\": 2048", "[1, 2]", "\"text\"", "12", "null", "{'a': 1}",
      "\u{0}\u{1}",
      String(repeating: "[", count: 100_000),
    ])
  func invalidJSON(text: String) throws {
    let message = try refusal(text)
    #expect(message.hasPrefix("config.json: not a JSON object: "))
    #expect(message.hasSuffix("; download the model's config.json again"))
    #expect(message.count < 300 && !message.contains("\n"))
  }

  @Test("what is malformed is said with the place")
  func malformation() throws {
    let hint = "; download the model's config.json again"
    // The words are the parser's, which differ between platforms.
    #expect(try refusal("{\"hidden_size\": 20").contains("Unexpected end of file"))
    #expect(try refusal("{'hidden_size': 20}").contains("around"))
    #expect(try refusal("[1, 2]") == "config.json: not a JSON object: it holds a list of 2" + hint)
    #expect(try refusal("") == "config.json: not a JSON object: the file is empty" + hint)
  }

  @Test("truncation anywhere in a real file is refused, never trapped")
  func truncation() throws {
    let whole = configuration("llama")
    for length in 0..<whole.count {
      #expect(try refusal(String(whole.prefix(length))).hasPrefix("config.json: not a JSON object"))
    }
  }

  @Test("an unknown architecture is answered with the nearest one")
  func unknownFamily() throws {
    #expect(
      try refusal(configuration("qwen3-moe"))
        == "config.json: model_type \"qwen3-moe\" is not a known architecture; "
        + "did you mean \"qwen3_moe\"?")
    #expect(
      try refusal(configuration("retrieval-augmented"))
        .hasSuffix(
          "is not a known architecture; known are deepseek_v2, deepseek_v3, gpt2, "
            + "gpt_oss, kimi_k2, llama, mistral, mixtral, qwen2, qwen2_moe, qwen3, qwen3_moe"))
    let byClass = configuration("", ["model_type": nil, "architectures": "[\"LlamaForCausal\"]"])
    #expect(try refusal(byClass).hasSuffix("did you mean \"LlamaForCausalLM\"?"))
    #expect(try refusal("{}").hasPrefix("config.json: model_type is missing; add one of"))
    #expect(
      try refusal("{\"model_type\": \"kimi_k25\", \"text_config\": {\"model_type\": \"llame\"}}")
        == "config.json: text_config.model_type \"llame\" is not a known architecture; "
        + "did you mean \"llama\"?")
  }

  @Test(
    "each required field is missed by name",
    arguments: [
      "hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
      "intermediate_size", "vocab_size", "max_position_embeddings",
    ])
  func missing(field: String) throws {
    let message = try refusal(configuration("mistral", [field: nil]))
    #expect(message.hasPrefix("config.json: \(field) is missing; add "))
  }

  @Test(
    "a value of the wrong type is shown beside the type expected",
    arguments: [
      ("hidden_size", "\"64\"", "hidden_size is \"64\", expected a whole number"),
      ("hidden_size", "[64]", "hidden_size is a list of 1, expected a whole number"),
      ("hidden_size", "true", "hidden_size is true, expected a whole number"),
      ("hidden_size", "{}", "hidden_size is an object, expected a whole number"),
      ("tie_word_embeddings", "1", "tie_word_embeddings is 1, expected true or false"),
      ("attention_dropout", "\"no\"", "attention_dropout is \"no\", expected a number"),
      ("layer_types", "\"full\"", "layer_types is \"full\", expected a list"),
      ("model_type", "7", "model_type is 7, expected a text"),
      ("_name_or_path", "7", "_name_or_path is 7, expected a text"),
      ("text_config", "7", "text_config is 7, expected an object"),
    ])
  func wrongType(field: String, value: String, message: String) throws {
    #expect(try refusal(configuration("llama", [field: value])) == "config.json: \(message)")
  }

  @Test(
    "zero, negative, fractional and absurd sizes are refused with the range",
    arguments: ["0", "-64", "64.5", "1e7", "1e300", "99999999999999999999999"])
  func outOfRange(value: String) throws {
    let message = try refusal(configuration("llama", ["hidden_size": value]))
    #expect(message.hasPrefix("config.json: hidden_size is "))
    #expect(message.hasSuffix(", expected a whole number from 1 to 1000000"))
  }

  @Test("sizes that are legal one by one and absurd together are refused before they overflow")
  func tooManyParameters() throws {
    let message = try refusal(
      configuration(
        "mixtral",
        [
          "hidden_size": "1000000", "num_hidden_layers": "10000", "num_local_experts": "100000",
          "num_experts_per_tok": "2", "intermediate_size": "10000000",
        ]))
    #expect(
      message.hasSuffix(
        " trillion parameters, expected at most 1000 trillion; "
          + "check the layers, hidden size, experts and vocabulary"))
  }

  @Test("contradictions name both sides and the nearest legal value")
  func contradictions() throws {
    #expect(
      try refusal(
        configuration("llama", ["num_attention_heads": "30", "num_key_value_heads": "4"]))
        == "config.json: num_key_value_heads is 4, which does not divide num_attention_heads 30; "
        + "expected 3 or 5")
    #expect(
      try refusal(configuration("llama", ["num_attention_heads": "6"]))
        == "config.json: num_attention_heads is 6, which does not divide the hidden size 64; "
        + "expected 4 or 8, or head_dim beside it")
    #expect(
      try refusal(configuration("mixtral", ["num_local_experts": "4", "num_experts_per_tok": "8"]))
        == "config.json: num_experts_per_tok is 8 of 4 experts; expected at most 4")
    #expect(
      try refusal(configuration("qwen3", ["layer_types": "[\"full_attention\"]"]))
        == "config.json: layer_types is a list of 1; "
        + "expected one entry for each of num_hidden_layers 4")
    let sliding = "[" + Array(repeating: "\"sliding_attention\"", count: 4).joined(separator: ",")
    #expect(
      try refusal(configuration("qwen3", ["layer_types": sliding + "]"]))
        == "config.json: layer_types is sliding_attention for layer 0 without a window; "
        + "expected sliding_window to be a number of positions")
    let twice: KeyValuePairs<String, String?> = [
      "num_experts": "8", "num_local_experts": "16", "num_experts_per_tok": "2",
    ]
    #expect(
      try refusal(configuration("mixtral", twice))
        == "config.json: num_local_experts is 16 while num_experts is 8; "
        + "expected one value for both")
  }

  @Test("what other software understands and this does not is named")
  func unsupported() throws {
    let linear =
      "[\"full_attention\", \"linear_attention\", \"full_attention\", \"full_attention\"]"
    #expect(
      try refusal(configuration("qwen3", ["layer_types": linear]))
        == "config.json: layer_types is \"linear_attention\", which is not supported; "
        + "expected \"full_attention\" or \"sliding_attention\"")
    #expect(
      try refusal(configuration("deepseek_v3", ["attention_bias": "true"]))
        .contains("attention_bias is true, which is not supported"))
  }

  @Test("a layer listed as dense must exist")
  func denseLayerOutOfRange() throws {
    let text = configuration(
      "qwen3_moe",
      [
        "num_experts": "8", "num_experts_per_tok": "2", "moe_intermediate_size": "32",
        "mlp_only_layers": "[4]",
      ])
    #expect(
      try refusal(text) == "config.json: mlp_only_layers is 4, expected layers from 0 to 3")
  }
}
