import Model

extension TransformerModel {
  /// Whether any layer is a mixture of experts.
  var hasExperts: Bool {
    layers.contains { if case .experts = $0.feedForward { true } else { false } }
  }
}
