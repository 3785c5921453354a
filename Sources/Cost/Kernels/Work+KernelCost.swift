public import Graph
public import Hardware
import Units

extension Work {
  /// What the work costs as a kernel on a device; nil for what also depends on a placement
  /// or a host.
  ///
  /// - Precondition: the device has the formats of matrix products.
  public func kernelCost(on device: Device, for use: KernelUse) -> KernelCost? {
    switch self {
    case .matrixMultiply(let product): denseGEMMCost(of: product, on: device)
    case .groupedMatrixMultiply(let product): groupedGEMMCost(of: product, on: device, for: use)
    case .attention(let kernel): attentionCost(of: kernel, on: device, for: use)
    case .memoryBound(let traffic):
      MemoryKernelClass(traffic.kernel) == nil ? nil : memoryBoundCost(of: traffic, on: device)
    case .collective, .transfer: nil
    }
  }

  /// The format of a matrix product; nil for other work.
  var productFormat: NumericFormat? {
    switch self {
    case .matrixMultiply(let product): product.format
    case .groupedMatrixMultiply(let product): product.format
    default: nil
    }
  }
}
