extension ConfigurationImporter {
  /// The attention that every layer shares, apart from its window.
  func attention(hidden: Int, slidingWindow: Int?) throws(ModelError) -> Attention {
    let heads = try fields.integer("num_attention_heads", "n_head", in: 1...100_000)
    if family.isLatent { return .latent(try latentAttention(heads: heads)) }
    let biases = try projectionBiases()
    return .groupedQuery(
      GroupedQueryAttention(
        heads: heads, keyValueHeads: try keyValueHeads(heads: heads),
        headDimension: try headDimension(hidden: hidden, heads: heads),
        hasQueryKeyNorm: family.hasQueryKeyNorm, hasProjectionBias: biases.input,
        hasOutputBias: biases.output, slidingWindow: slidingWindow, hasSinks: family == .gptOss))
  }

  private func latentAttention(heads: Int) throws(ModelError) -> LatentAttention {
    guard try !fields.flag("attention_bias", default: false) else {
      throw fields.unsupported(
        "attention_bias", .bool(true),
        expected: "false, since no published latent attention has one")
    }
    return LatentAttention(
      heads: heads, queryRank: try fields.optionalInteger("q_lora_rank", in: 1...1_000_000),
      keyValueRank: try fields.integer("kv_lora_rank", in: 1...1_000_000),
      nopeHeadDimension: try fields.integer("qk_nope_head_dim", in: 1...100_000),
      ropeHeadDimension: try fields.integer("qk_rope_head_dim", in: 1...100_000),
      valueHeadDimension: try fields.integer("v_head_dim", in: 1...100_000))
  }

  /// Key and value heads; the oldest files leave them out and mean one per query head.
  private func keyValueHeads(heads: Int) throws(ModelError) -> Int {
    let name = "num_key_value_heads"
    let mayBeAbsent = family == .llama || family == .gpt2 || fields.values[name] == .null
    guard let found = try fields.optionalInteger(name, in: 1...100_000) else {
      if mayBeAbsent { return heads }
      throw .missingField(
        file: fields.file, field: fields.prefix + name,
        expected: "it, for example \(heads) where every query head has its own")
    }
    guard heads.isMultiple(of: found) else {
      throw fields.contradiction(
        name, found: "\(found), which does not divide num_attention_heads \(heads)",
        expected: nearestDivisors(of: heads, to: found))
    }
    return found
  }

  private func headDimension(hidden: Int, heads: Int) throws(ModelError) -> Int {
    if let stated = try fields.optionalInteger("head_dim", in: 1...100_000) { return stated }
    guard hidden.isMultiple(of: heads) else {
      throw fields.contradiction(
        "num_attention_heads", found: "\(heads), which does not divide the hidden size \(hidden)",
        expected: nearestDivisors(of: hidden, to: heads) + ", or head_dim beside it")
    }
    return hidden / heads
  }

  /// Which projections have biases: some families say so, the others are built that way.
  private func projectionBiases() throws(ModelError) -> (input: Bool, output: Bool) {
    switch family {
    case .gpt2: return (true, true)
    case .qwen2: return (true, false)
    case .qwen2Moe: return (try fields.flag("qkv_bias", default: true), false)
    case .mistral, .mixtral, .deepseekV2, .deepseekV3, .kimiK2: return (false, false)
    case .llama, .qwen3, .qwen3Moe, .gptOss:
      let stated = try fields.flag("attention_bias", default: family == .gptOss)
      return (stated, stated)
    }
  }

  private func nearestDivisors(of number: Int, to value: Int) -> String {
    let below = (1...max(1, min(value, number))).last { number.isMultiple(of: $0) } ?? 1
    let above = value < number ? (value...number).first { number.isMultiple(of: $0) } : nil
    return above.map { "\(below) or \($0)" } ?? "\(below)"
  }
}
