/// How one element of a tensor is stored.
public enum NumericFormat: String, Hashable, Sendable, CaseIterable {
  case fp32
  case bf16
  case fp16
  case fp8

  /// Bytes of one element.
  @inlinable public var width: Int {
    switch self {
    case .fp32: 4
    case .bf16, .fp16: 2
    case .fp8: 1
    }
  }
}
