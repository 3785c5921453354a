import Units

extension TransformerModel {
  /// One line for a listing, for example `48 layers, hidden 2048, 32 heads (4 kv), 128 experts (top 8),
  /// 30.53 B parameters, 3.35 B active`; the name is left to the caller.
  public var summary: String {
    let parameters = parameters
    var parts = ["\(layers.count) layers", "hidden \(hiddenSize)"]
    if let attention = layers.first?.attention { parts.append(attention.summary) }
    if let mixture = mixtureOfExperts {
      let shared = mixture.sharedIntermediateSize > 0 ? " and shared" : ""
      parts.append("\(mixture.experts) experts (top \(mixture.topK)\(shared))")
    }
    parts.append("\(billions(parameters.total)) parameters")
    if mixtureOfExperts != nil { parts.append("\(billions(parameters.active)) active") }
    return parts.joined(separator: ", ")
  }

  /// The mixture of the first layer that has one.
  public var mixtureOfExperts: MixtureOfExperts? {
    for layer in layers {
      if case .experts(let mixture) = layer.feedForward { return mixture }
    }
    return nil
  }

  private func billions(_ count: Int) -> String { fixed(Double(count) / 1e9, 2) + " B" }
}

extension Attention {
  /// For example `32 heads (4 kv)` or `128 heads (latent)`.
  fileprivate var summary: String {
    switch self {
    case .groupedQuery(let attention):
      attention.keyValueHeads == attention.heads
        ? "\(heads) heads" : "\(heads) heads (\(attention.keyValueHeads) kv)"
    case .latent: "\(heads) heads (latent)"
    }
  }
}
