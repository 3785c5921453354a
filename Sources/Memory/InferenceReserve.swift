public import Graph
public import Units

/// What a serving stack keeps from a rank besides weights, cache and activations.
///
/// Both are estimates, stated in reports. The device's usable memory already leaves out the driver's
/// context and the buffers of collectives.
public enum InferenceReserve {
  /// Allocator fragmentation, sampling and page tables, dispatch buffers: together with what usable
  /// memory leaves out, about the 3.5 GiB that aiconfigurator reserves.
  public static let runtime = Bytes.gibibytes(2)
  /// Pools and nodes of captured CUDA graphs of several batch sizes.
  public static let graphs = Bytes.mebibytes(512)

  /// The reserve of a step; zero in training, whose allocator is not modelled.
  public static func bytes(of configuration: StepConfiguration) -> Bytes {
    guard configuration.phase != .train else { return .zero }
    return runtime + (configuration.usesCUDAGraphs ? graphs : .zero)
  }
}
