extension TransformerModel {
  /// Imports a Hugging Face `config.json`.
  ///
  /// Families: DeepSeek-V2 and V3, Kimi-K2, GPT-2, gpt-oss, Llama, Mistral, Mixtral, Qwen2, Qwen2-MoE, Qwen3
  /// and Qwen3-MoE. A multimodal file is read through its `text_config`.
  ///
  /// - Parameter path: the file, or the folder that holds it.
  /// - Throws: `ModelError` when the file cannot be read, is not JSON, names an unknown architecture, or
  ///   has fields that are missing, of the wrong type, absurd or contradictory.
  public init(configurationAt path: String) throws(ModelError) {
    let file = try ConfigurationFile(at: path)
    var fields = file.fields
    // A multimodal file describes its decoder inside, and names its family there.
    if let inner = try fields.object("text_config"), inner.values["model_type"] != nil {
      fields = inner
    }
    let family = try ModelFamily.named(in: fields)
    let importer = ConfigurationImporter(fields: fields, family: family)
    self = try importer.model(named: file.modelName(else: family.rawValue))
  }
}

/// Turns the fields of one configuration into a model.
struct ConfigurationImporter: Sendable {
  let fields: ConfigurationFields
  let family: ModelFamily

  /// More parameters than any cluster holds; larger sizes would overflow the exact counts.
  static let largestParameterCount = 1e15

  func model(named name: String) throws(ModelError) -> TransformerModel {
    let isGPT2 = family == .gpt2
    let hidden = try fields.integer("hidden_size", "n_embd", in: 1...1_000_000)
    let layerCount = try fields.integer("num_hidden_layers", "n_layer", in: 1...10_000)
    let windows = try slidingWindows(layers: layerCount)
    let feedForwards = try feedForwards(layers: layerCount, hidden: hidden)
    var layers: [TransformerLayer] = []
    for (window, feedForward) in zip(windows, feedForwards) {
      let attention = try attention(hidden: hidden, slidingWindow: window)
      layers.append(TransformerLayer(attention: attention, feedForward: feedForward))
    }
    let model = TransformerModel(
      name: name, family: family.rawValue, hiddenSize: hidden,
      vocabularySize: try fields.integer("vocab_size", in: 1...100_000_000),
      maximumPositions: try fields.integer(
        "max_position_embeddings", "n_positions", "max_sequence_length", in: 1...1_000_000_000),
      positions: isGPT2 ? .learned : .rotary, normalization: isGPT2 ? .layer : .rms,
      hasDropout: try hasDropout(),
      tiesEmbeddings: try fields.flag("tie_word_embeddings", default: isGPT2), layers: layers,
      multiTokenPredictionLayers: try fields.optionalInteger(
        "num_nextn_predict_layers", in: 0...100) ?? 0)
    let estimate = model.estimatedParameters
    guard estimate <= Self.largestParameterCount else {
      throw .tooManyParameters(
        file: fields.file, estimate: estimate, limit: Self.largestParameterCount)
    }
    return model
  }

  /// Whether any dropout is on; GPT-2's class defaults to a tenth, the others' to none.
  private func hasDropout() throws(ModelError) -> Bool {
    guard family == .gpt2 else { return try fields.number("attention_dropout") ?? 0 > 0 }
    for name in ["resid_pdrop", "embd_pdrop", "attn_pdrop"] {
      if try fields.number(name) ?? 0.1 > 0 { return true }
    }
    return false
  }
}

extension TransformerModel {
  /// The parameters to sixteen digits, whatever the sizes: an exact count could overflow before it
  /// could be refused.
  fileprivate var estimatedParameters: Double {
    let hidden = Double(hiddenSize)
    var total = 2 * hidden * Double(vocabularySize)
    if positions == .learned { total += hidden * Double(maximumPositions) }
    for layer in layers {
      switch layer.attention {
      case .groupedQuery(let attention):
        total += 4 * hidden * Double(attention.heads) * Double(attention.headDimension)
      case .latent(let attention):
        let head = attention.queryHeadDimension + attention.valueHeadDimension
        let rank = attention.keyValueRank + (attention.queryRank ?? 0)
        total += (hidden + Double(rank)) * Double(attention.heads) * Double(head)
        total += hidden * Double(rank)
      }
      switch layer.feedForward {
      case .dense(let dense): total += 3 * hidden * Double(dense.intermediateSize)
      case .experts(let mixture):
        let width = Double(mixture.experts) * Double(mixture.intermediateSize)
        total += 3 * hidden * (width + Double(mixture.sharedIntermediateSize))
      }
    }
    return total
  }
}
