public import Units

/// What PyTorch's caching allocator reserves and cannot use.
///
/// An estimate, stated in reports. Tensors that come and go in different orders leave holes between
/// each other; with expandable segments only small ones stay.
/// - SeeAlso: Guo et al., "GMLake", ASPLOS 2024: 15 % of memory on average without stitching, most of
///   which expandable segments recover in the same way.
public enum FragmentationAllowance {
  /// Of the most that is allocated and freed within a step.
  public static let share = 0.05

  /// The allowance for so much that comes and goes.
  public static func bytes(for transient: Bytes) -> Bytes {
    Bytes(Int((share * Double(transient.count)).rounded()))
  }
}
