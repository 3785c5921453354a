import Graph
public import Hardware
public import Units

/// The experts of one rank as serving stacks run them: routing, both products, the gated activation and
/// the weighted sum in one call.
public struct FusedExperts: Hashable, Sendable {
  /// Tokens of the expert-parallel group.
  public let tokens: Int
  /// Experts on the rank.
  public let experts: Int
  /// Experts of one token.
  public let topK: Int
  public let hidden: Int
  /// Width of one expert on the rank.
  public let inner: Int
  public let format: NumericFormat
  /// Ranks that share the tokens' experts.
  public let ranks: Int

  public init(
    tokens: Int, experts: Int, topK: Int, hidden: Int, inner: Int, format: NumericFormat = .bf16,
    ranks: Int = 1
  ) {
    self.tokens = tokens
    self.experts = experts
    self.topK = topK
    self.hidden = hidden
    self.inner = inner
    self.format = format
    self.ranks = ranks
  }

  /// Rows that balanced routing brings to the rank.
  var rows: Int { max(1, tokens * topK / ranks) }
}

/// The time of the experts of one rank in one call, with balanced routing.
///
///     G(N, K) = (computeᵖ + (experts N K bytes / BW)ᵖ)^(1/p)
///     stream  = rows (2 H bytes + 6 I + I bytes + 4 H) + 4 tokens H
///     t       = t₀ + G(2 I, H) + G(H, I) + stream / BW
///
/// with the rates of dense products. 10 % in the median and 48 % at the 90th percentile on 194 published
/// timings, of which only `t₀` was fitted: short calls whose weights stay in L2 are too slow by half.
///
/// - Precondition: the device has the format.
public func fusedExpertsCost(of call: FusedExperts, on device: Device) -> KernelCost {
  let width = Double(call.format.width)
  let (hidden, inner) = (Double(call.hidden), Double(call.inner))
  let rows = Double(call.rows)
  let bandwidth = device.rates.groupedGEMM.bandwidth.bytesPerSecond
  let active = Double(min(call.experts, call.rows))
  func product(_ columns: Int, _ depth: Int) -> (compute: Seconds, weights: Seconds) {
    let shape = GroupedMatrixMultiply(
      groups: call.experts, rows: call.rows, columns: columns, inner: depth, format: call.format)
    let cost = groupedGEMMCost(of: shape, on: device, for: .serving)
    let bytes = active * Double(columns) * Double(depth) * width
    return (cost.compute, Seconds(bytes / bandwidth))
  }
  let up = product(2 * call.inner, call.hidden)
  let down = product(call.hidden, call.inner)
  let perRow = 2 * hidden * width + 6 * inner + inner * width + 4 * hidden
  let stream = Seconds((rows * perRow + 4 * Double(call.tokens) * hidden) / bandwidth)
  let latency = device.rates.groupedGEMM.fusedLatency
  let products =
    overlapped(up.compute, up.weights, exponent: 2.09)
    + overlapped(down.compute, down.weights, exponent: 2.09)
  return KernelCost(
    duration: latency + products + stream, compute: up.compute + down.compute,
    memory: up.weights + down.weights + stream, latency: latency)
}
