public import Units

/// In which format products are computed, and how operands get there.
public enum Precision: String, Hashable, Sendable, CaseIterable {
  case bf16
  case fp16
  /// fp8 with one scale per tensor, found before use (current scaling) or from history (delayed).
  case fp8Tensorwise = "fp8-tensorwise"
  /// fp8 with scales per 1×128 and 128×128 block (DeepSeek-V3).
  case fp8Blockwise = "fp8-blockwise"
  /// Microscaling fp8: one scale per 32 elements.
  case mxfp8

  /// Format of the operands of the linear layers' products.
  public var operands: NumericFormat {
    switch self {
    case .bf16: .bf16
    case .fp16: .fp16
    case .fp8Tensorwise, .fp8Blockwise, .mxfp8: .fp8
    }
  }

  /// Format of activations between kernels, and of the head, attention and router.
  public var activations: NumericFormat { self == .fp16 ? .fp16 : .bf16 }

  /// Whether operands are quantized by kernels of their own.
  public var quantizes: Bool { operands == .fp8 }
}
