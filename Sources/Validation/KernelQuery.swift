public import Cost
public import Graph
public import Hardware
import Units

/// One kernel to price on one GPU.
public enum KernelQuery: Hashable, Sendable {
  /// A dense product, and the pass that quantizes its left operand where that was timed too.
  case dense(MatrixMultiply, KernelConditions, quantizes: Bool)
  case grouped(GroupedMatrixMultiply)
  case fusedExperts(FusedExperts)
  case attention(AttentionKernel, KernelUse, KernelConditions)
  case memory(MemoryTraffic, MemoryRows)

  /// The price on a device.
  ///
  /// - Throws: `.unsupportedFormat` for products that the device has no tensor cores for.
  public func price(on device: Device) throws(RowRefusal) -> Price {
    switch self {
    case .dense(let product, let conditions, let quantizes):
      try refuse(product.format, on: device)
      let cost = denseGEMMCost(of: product, on: device, under: conditions)
      guard quantizes else { return Price(cost, spread: 0.15) }
      let bytes = Bytes(3 * product.batch * product.rows * product.inner)
      let pass = memoryBoundCost(of: MemoryTraffic(.quantize, bytes: bytes), on: device)
      return Price(cost, spread: 0.18, also: Price.Term("quantization", pass.duration))
    case .grouped(let product):
      try refuse(product.format, on: device)
      return Price(groupedGEMMCost(of: product, on: device), spread: 0.13)
    case .fusedExperts(let call):
      try refuse(call.format, on: device)
      return Price(fusedExpertsCost(of: call, on: device), spread: 0.25)
    case .attention(let kernel, let use, let conditions):
      let cost = attentionCost(of: kernel, on: device, for: use, under: conditions)
      let spread = kernel.queryLength == 1 ? 0.14 : use == .serving ? 0.19 : 0.09
      return Price(cost, spread: spread)
    case .memory(let traffic, let rows):
      let cost = memoryBoundCost(of: traffic, rows: rows, on: device)
      var terms = [
        Price.Term("start and drain", cost.latency), Price.Term("memory traffic", cost.memory),
      ]
      if cost.compute > .zero { terms.append(Price.Term("rows in a row", cost.compute)) }
      return Price(time: cost.duration, terms: terms, spread: 0.17)
    }
  }

  private func refuse(_ format: NumericFormat, on device: Device) throws(RowRefusal) {
    guard device.peak.rate(of: format) == nil else { return }
    throw .unsupportedFormat(device: device.name, format: format.rawValue)
  }
}

extension Price {
  init(_ cost: KernelCost, spread: Double, also: Term? = nil) {
    var terms = [
      Term("start and drain", cost.latency), Term("compute", cost.compute),
      Term("memory traffic", cost.memory),
    ]
    if let also { terms.append(also) }
    let choice = cost.tiling.map { tiling in
      "\(tiling.tile.rows) × \(tiling.tile.columns) tiles"
        + (tiling.splits > 1 ? " in \(tiling.splits) splits" : "")
    }
    self.init(
      time: cost.duration + (also?.time ?? .zero), terms: terms, choice: choice, spread: spread)
  }
}
