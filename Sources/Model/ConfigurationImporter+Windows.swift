extension ConfigurationImporter {
  /// The sliding window of every layer, nil where a layer sees everything.
  ///
  /// `layer_types` decides where present. Otherwise gpt-oss alternates beginning with a window, Mistral
  /// and Mixtral have it on every layer, and Qwen on the layers from `max_window_layers` on, if
  /// `use_sliding_window` is set.
  func slidingWindows(layers count: Int) throws(ModelError) -> [Int?] {
    let window = try slidingWindow()
    if let types = try layerTypes(count) {
      guard let firstSliding = types.firstIndex(of: true) else {
        return Array(repeating: nil, count: count)
      }
      guard let window else {
        throw fields.contradiction(
          "layer_types", found: "sliding_attention for layer \(firstSliding) without a window",
          expected: "sliding_window to be a number of positions")
      }
      return types.map { $0 ? window : nil }
    }
    guard let window else { return Array(repeating: nil, count: count) }
    let first =
      switch family {
      case .qwen2, .qwen2Moe, .qwen3, .qwen3Moe:
        try fields.optionalInteger("max_window_layers", in: 0...10_000) ?? 0
      default: 0
      }
    let stride = family == .gptOss ? 2 : 1
    return (0..<count).map { $0 >= first && $0.isMultiple(of: stride) ? window : nil }
  }

  private func slidingWindow() throws(ModelError) -> Int? {
    let positions = 1...1_000_000_000
    switch family {
    case .gptOss:
      return try fields.integer("sliding_window", in: positions)
    case .mistral, .mixtral:
      return try fields.optionalInteger("sliding_window", in: positions)
    case .qwen2, .qwen2Moe, .qwen3, .qwen3Moe:
      guard try fields.flag("use_sliding_window", default: false) else { return nil }
      return try fields.integer("sliding_window", in: positions)
    case .deepseekV2, .deepseekV3, .kimiK2, .gpt2, .llama:
      return nil
    }
  }

  /// Whether each layer slides, if the file lists the layers.
  private func layerTypes(_ count: Int) throws(ModelError) -> [Bool]? {
    guard let types = try fields.list("layer_types") else { return nil }
    guard types.count == count else {
      throw fields.contradiction(
        "layer_types", found: "a list of \(types.count)",
        expected: "one entry for each of num_hidden_layers \(count)")
    }
    var slides: [Bool] = []
    for type in types {
      switch type {
      case .string("full_attention"): slides.append(false)
      case .string("sliding_attention"): slides.append(true)
      default:
        throw fields.unsupported(
          "layer_types", type, expected: "\"full_attention\" or \"sliding_attention\"")
      }
    }
    return slides
  }
}
