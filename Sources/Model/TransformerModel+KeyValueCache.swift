public import Units

extension TransformerModel {
  /// Bytes that one token adds to the key and value cache of all layers, over all heads.
  ///
  /// Grouped-query attention keeps keys and values of every key-value head; latent attention keeps its latent
  /// and the rotated key. A layer with a sliding window stops growing once the window is full, see
  /// `keyValueCacheBytes(tokens:format:)`. Prediction modules keep nothing.
  public func keyValueCacheBytesPerToken(format: NumericFormat) -> Bytes {
    Bytes(layers.reduce(0) { $0 + $1.attention.cachedElements } * format.width)
  }

  /// Bytes of the key and value cache of one sequence of so many tokens, windows considered.
  public func keyValueCacheBytes(tokens: Int, format: NumericFormat) -> Bytes {
    precondition(tokens >= 0, "a cache holds no fewer than zero tokens, got \(tokens)")
    let elements = layers.reduce(0) { sum, layer in
      guard case .groupedQuery(let attention) = layer.attention,
        let window = attention.slidingWindow
      else { return sum + tokens * layer.attention.cachedElements }
      return sum + min(tokens, window) * layer.attention.cachedElements
    }
    return Bytes(elements * format.width)
  }
}

extension Attention {
  /// Elements that one token adds to the cache of one layer.
  public var cachedElements: Int {
    switch self {
    case .groupedQuery(let attention): 2 * attention.keyValueHeads * attention.headDimension
    case .latent(let attention): attention.keyValueRank + attention.ropeHeadDimension
    }
  }
}
