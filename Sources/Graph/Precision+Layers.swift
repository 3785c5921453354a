extension Precision {
  /// Whether a kind's products take quantized operands: the linear layers do; router, head and
  /// attention stay in the format of activations.
  public func quantizes(_ kind: OperationKind) -> Bool {
    guard quantizes else { return false }
    switch kind {
    case .queryKeyValue, .outputProjection, .queryDown, .queryUp, .keyValueDown, .keyValueUp,
      .feedForwardUp, .feedForwardDown, .expertUp, .expertDown, .sharedUp, .sharedDown:
      return true
    default: return false
    }
  }

  /// Elements that share one scale; nil where a tensor has one.
  public var elementsPerScale: Int? {
    switch self {
    case .bf16, .fp16, .fp8Tensorwise: nil
    case .fp8Blockwise: 128
    case .mxfp8: 32
    }
  }

  /// Bytes of one scale: fp32, or the power of two of microscaling.
  public var scaleWidth: Int { self == .mxfp8 ? 1 : 4 }
}
