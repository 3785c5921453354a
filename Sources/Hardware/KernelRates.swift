public import Units

/// What the kernels of one software stack reach on a device: the constants of the cost formulas.
///
/// They were fitted together with the shape constants of `Cost`, and mean little without them.
public struct KernelRates: Hashable, Sendable {
  /// For example `standard`, or `training` and `serving` where measurements disagree.
  public let name: String
  public let gemm: GEMMRates
  public let groupedGEMM: GroupedGEMMRates
  /// Forward flash attention of training stacks.
  public let attentionForward: FlashAttentionRates
  /// Backward flash attention of training stacks.
  public let attentionBackward: FlashAttentionRates
  /// Forward flash attention of serving stacks, which also writes the KV cache.
  public let prefillAttention: FlashAttentionRates
  public let decodeAttention: DecodeAttentionRates
  public let memoryBound: MemoryBoundRates

  public init(
    name: String, gemm: GEMMRates, groupedGEMM: GroupedGEMMRates,
    attentionForward: FlashAttentionRates, attentionBackward: FlashAttentionRates,
    prefillAttention: FlashAttentionRates, decodeAttention: DecodeAttentionRates,
    memoryBound: MemoryBoundRates
  ) {
    self.name = name
    self.gemm = gemm
    self.groupedGEMM = groupedGEMM
    self.attentionForward = attentionForward
    self.attentionBackward = attentionBackward
    self.prefillAttention = prefillAttention
    self.decodeAttention = decodeAttention
    self.memoryBound = memoryBound
  }
}

/// Rates of dense matrix products.
public struct GEMMRates: Hashable, Sendable {
  /// What long products of good shape reach.
  public let achievable: FormatRates
  /// As `achievable` for fp8 with a scale per block of elements; nil where no such kernel was measured.
  public let blockScaled: Throughput?
  /// Share of the rate that power limits take per doubling of work beyond 10¹² FLOP.
  public let droop: Double
  /// Rate at which operands stream from memory.
  public let bandwidth: Bandwidth
  /// Rate at which operands stream from the L2 cache, where a benchmark repeats a product on them.
  public let cacheBandwidth: Bandwidth
  /// Start and drain of one kernel.
  public let latency: Seconds

  public init(
    achievable: FormatRates, blockScaled: Throughput?, droop: Double, bandwidth: Bandwidth,
    cacheBandwidth: Bandwidth, latency: Seconds
  ) {
    self.achievable = achievable
    self.blockScaled = blockScaled
    self.droop = droop
    self.bandwidth = bandwidth
    self.cacheBandwidth = cacheBandwidth
    self.latency = latency
  }
}

/// Rates of products over the experts of one rank.
public struct GroupedGEMMRates: Hashable, Sendable {
  public let achievable: FormatRates
  /// Share of the rate that power limits take per doubling of work beyond 10¹² FLOP.
  public let droop: Double
  public let bandwidth: Bandwidth
  /// Start and drain of the whole call.
  public let latency: Seconds
  /// What each further expert adds, whatever its rows.
  public let latencyPerGroup: Seconds
  /// Routing, sorting and all starts of a serving stack's experts in one call.
  public let fusedLatency: Seconds
  /// Rate of weight gradients over that of forward products.
  public let weightGradientFactor: Double

  public init(
    achievable: FormatRates, droop: Double, bandwidth: Bandwidth, latency: Seconds,
    latencyPerGroup: Seconds, fusedLatency: Seconds, weightGradientFactor: Double
  ) {
    self.achievable = achievable
    self.droop = droop
    self.bandwidth = bandwidth
    self.latency = latency
    self.latencyPerGroup = latencyPerGroup
    self.fusedLatency = fusedLatency
    self.weightGradientFactor = weightGradientFactor
  }
}

/// Rates of a flash-attention kernel over whole sequences.
public struct FlashAttentionRates: Hashable, Sendable {
  /// With operands of 16 bits, at head dimension 128; causal work counts half.
  public let sixteenBit: Throughput
  /// With operands of 8 bits; nil where no such kernel was measured.
  public let eightBit: Throughput?
  /// Elements of head dimension that softmax costs: heads of `d` reach `d / (d + h)` of the rate.
  public let softmaxElements: Double
  /// Share of the rate that power limits take per doubling of work beyond 10¹² FLOP.
  public let droop: Double
  /// Share of the rate that heads wider than 128 elements reach with operands of 16 bits.
  public let wideHeadShare: Double
  /// Share of the masked blocks that kernels with operands of 8 bits compute all the same.
  public let eightBitMaskedShare: Double
  /// Effective; it also absorbs the poor occupancy of short sequences.
  public let bandwidth: Bandwidth
  public let latency: Seconds

  public init(
    sixteenBit: Throughput, eightBit: Throughput?, softmaxElements: Double, droop: Double,
    wideHeadShare: Double, eightBitMaskedShare: Double, bandwidth: Bandwidth, latency: Seconds
  ) {
    self.sixteenBit = sixteenBit
    self.eightBit = eightBit
    self.softmaxElements = softmaxElements
    self.droop = droop
    self.wideHeadShare = wideHeadShare
    self.eightBitMaskedShare = eightBitMaskedShare
    self.bandwidth = bandwidth
    self.latency = latency
  }
}

/// Rates of attention of one new token per sequence.
public struct DecodeAttentionRates: Hashable, Sendable {
  /// Rate at which the KV cache streams when all multiprocessors have work.
  public let bandwidth: Bandwidth
  /// As `bandwidth` from the L2 cache, where a benchmark repeats a kernel on one KV cache.
  public let cacheBandwidth: Bandwidth
  /// Rate of the small products.
  public let compute: Throughput
  /// Share of the multiprocessors that must be busy to reach the bandwidth.
  public let saturation: Double
  public let latency: Seconds
  /// Added per 1,024 positions where there are fewer work items than multiprocessors.
  public let scanLatency: Seconds
  /// What a round of sequences over all multiprocessors takes at least, however short they are.
  public let roundLatency: Seconds
  /// Added for each further 32 query heads that share a key head.
  public let headTileLatency: Seconds
  /// As `bandwidth`, for the shared latents of multi-head latent attention.
  public let latentBandwidth: Bandwidth
  /// As `compute`, for multi-head latent attention.
  public let latentCompute: Throughput

  public init(
    bandwidth: Bandwidth, cacheBandwidth: Bandwidth, compute: Throughput, saturation: Double,
    latency: Seconds, scanLatency: Seconds, roundLatency: Seconds, headTileLatency: Seconds,
    latentBandwidth: Bandwidth, latentCompute: Throughput
  ) {
    self.bandwidth = bandwidth
    self.cacheBandwidth = cacheBandwidth
    self.compute = compute
    self.saturation = saturation
    self.latency = latency
    self.scanLatency = scanLatency
    self.roundLatency = roundLatency
    self.headTileLatency = headTileLatency
    self.latentBandwidth = latentBandwidth
    self.latentCompute = latentCompute
  }
}
