extension ConfigurationImporter {
  private static let widths = 1...10_000_000

  /// The feed-forward block of every layer.
  func feedForwards(layers count: Int, hidden: Int) throws(ModelError) -> [FeedForward] {
    let isSparse = try sparseLayers(count)
    // A width is asked for only where a layer uses it: files carry unused ones of any value.
    let dense = isSparse.contains(false) ? FeedForward.dense(try dense(hidden: hidden)) : nil
    let sparse = isSparse.contains(true) ? FeedForward.experts(try mixture()) : nil
    return isSparse.compactMap { $0 ? sparse : dense }
  }

  /// Which layers route to experts.
  private func sparseLayers(_ count: Int) throws(ModelError) -> [Bool] {
    switch family {
    case .gpt2, .llama, .mistral, .qwen2, .qwen3:
      return Array(repeating: false, count: count)
    case .mixtral, .gptOss:
      return Array(repeating: true, count: count)
    case .qwen2Moe, .qwen3Moe:
      let step = try fields.optionalInteger("decoder_sparse_step", in: 1...10_000) ?? 1
      let denseOnly = try denseOnlyLayers(count)
      return (0..<count).map { ($0 + 1).isMultiple(of: step) && !denseOnly.contains($0) }
    case .deepseekV2, .deepseekV3, .kimiK2:
      let experts = try fields.optionalInteger("n_routed_experts", "num_experts", in: 1...100_000)
      guard experts != nil else { return Array(repeating: false, count: count) }
      let first = try fields.optionalInteger("first_k_dense_replace", in: 0...count) ?? 0
      let step = try fields.optionalInteger("moe_layer_freq", in: 1...10_000) ?? 1
      return (0..<count).map { $0 >= first && $0.isMultiple(of: step) }
    }
  }

  private func denseOnlyLayers(_ count: Int) throws(ModelError) -> Set<Int> {
    var layers: Set<Int> = []
    for value in try fields.list("mlp_only_layers") ?? [] {
      guard let layer = value.integer, (0..<count).contains(layer) else {
        throw .outOfRange(
          file: fields.file, field: fields.prefix + "mlp_only_layers", found: value.quoted,
          expected: "layers from 0 to \(count - 1)")
      }
      layers.insert(layer)
    }
    return layers
  }

  private func dense(hidden: Int) throws(ModelError) -> DenseFeedForward {
    guard family != .gpt2 else {
      // GPT-2 leaves the width null to mean four times the hidden size.
      let width = try fields.optionalInteger("n_inner", "intermediate_size", in: Self.widths)
      return DenseFeedForward(intermediateSize: width ?? 4 * hidden, isGated: false, hasBias: true)
    }
    let hasBias = family == .llama ? try fields.flag("mlp_bias", default: false) : false
    return DenseFeedForward(
      intermediateSize: try fields.integer("intermediate_size", in: Self.widths), isGated: true,
      hasBias: hasBias)
  }

  private func mixture() throws(ModelError) -> MixtureOfExperts {
    let counts = 1...100_000
    let experts = try fields.integer(
      "num_experts", "num_local_experts", "n_routed_experts", in: counts)
    let topK = try fields.integer("num_experts_per_tok", "experts_per_token", in: counts)
    guard topK <= experts else {
      throw fields.contradiction(
        "num_experts_per_tok", found: "\(topK) of \(experts) experts",
        expected: "at most \(experts)")
    }
    let usesDenseWidth = family == .mixtral || family == .gptOss
    let width =
      usesDenseWidth
      ? try fields.integer("intermediate_size", in: Self.widths)
      : try fields.integer("moe_intermediate_size", in: Self.widths)
    let hasBiases = family == .gptOss
    return MixtureOfExperts(
      experts: experts, topK: topK, intermediateSize: width,
      sharedIntermediateSize: try sharedWidth(expertWidth: width),
      hasSharedExpertGate: family == .qwen2Moe, hasExpertBias: hasBiases,
      hasRouterBias: hasBiases, hasCorrectionBias: try fields.text("topk_method") == "noaux_tc",
      hasAuxiliaryLoss: try hasAuxiliaryLoss())
  }

  private func sharedWidth(expertWidth: Int) throws(ModelError) -> Int {
    switch family {
    case .qwen2Moe:
      return try fields.integer("shared_expert_intermediate_size", in: Self.widths)
    case .deepseekV2, .deepseekV3, .kimiK2:
      return expertWidth * (try fields.optionalInteger("n_shared_experts", in: 0...1000) ?? 0)
    default:
      return 0
    }
  }

  /// Training balances the experts with a loss unless its weight is stated as zero.
  private func hasAuxiliaryLoss() throws(ModelError) -> Bool {
    if let weight = try fields.number("router_aux_loss_coef") { return weight != 0 }
    return try fields.number("aux_loss_alpha") != 0
  }
}
