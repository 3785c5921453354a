import Units

extension KernelRates {
  static let keys = [
    "gemm", "grouped_gemm", "attention_forward", "attention_backward", "prefill_attention",
    "decode_attention", "memory_bound",
  ]

  init(_ name: String, _ reader: ProfileReader) throws(ProfileError) {
    self.init(
      name: name,
      gemm: try GEMMRates(reader.section("gemm", keys: GEMMRates.keys)),
      groupedGEMM: try GroupedGEMMRates(
        reader.section("grouped_gemm", keys: GroupedGEMMRates.keys)),
      attentionForward: try FlashAttentionRates(
        reader.section("attention_forward", keys: FlashAttentionRates.keys)),
      attentionBackward: try FlashAttentionRates(
        reader.section("attention_backward", keys: FlashAttentionRates.keys)),
      prefillAttention: try FlashAttentionRates(
        reader.section("prefill_attention", keys: FlashAttentionRates.keys)),
      decodeAttention: try DecodeAttentionRates(
        reader.section("decode_attention", keys: DecodeAttentionRates.keys)),
      memoryBound: try MemoryBoundRates(
        reader.section("memory_bound", keys: MemoryBoundRates.keys)))
  }
}

extension GEMMRates {
  static let keys =
    FormatRates.keys + ["fp8_block", "droop", "bandwidth", "cache_bandwidth", "latency"]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      achievable: try FormatRates(reader), blockScaled: try reader.optional("fp8_block"),
      droop: try reader.ratio("droop", in: 0...0.15),
      bandwidth: try reader.positive("bandwidth"),
      cacheBandwidth: try reader.positive("cache_bandwidth"),
      latency: try reader.quantity("latency"))
  }
}

extension GroupedGEMMRates {
  static let keys =
    FormatRates.keys + [
      "droop", "bandwidth", "latency", "latency_per_group", "fused_latency",
      "weight_gradient_factor",
    ]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      achievable: try FormatRates(reader), droop: try reader.ratio("droop", in: 0...0.15),
      bandwidth: try reader.positive("bandwidth"), latency: try reader.quantity("latency"),
      latencyPerGroup: try reader.quantity("latency_per_group"),
      fusedLatency: try reader.quantity("fused_latency"),
      weightGradientFactor: try reader.ratio("weight_gradient_factor", in: 0.1...2))
  }
}

extension FlashAttentionRates {
  static let keys = [
    "sixteen_bit", "eight_bit", "softmax_elements", "droop", "wide_head_share",
    "eight_bit_masked_share", "bandwidth", "latency",
  ]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      sixteenBit: try reader.positive("sixteen_bit"), eightBit: try reader.optional("eight_bit"),
      softmaxElements: try reader.ratio("softmax_elements", in: 0...512),
      droop: try reader.ratio("droop", in: 0...0.15),
      wideHeadShare: try reader.ratio("wide_head_share", in: 0.1...1),
      eightBitMaskedShare: try reader.ratio("eight_bit_masked_share", in: 0...1),
      bandwidth: try reader.positive("bandwidth"), latency: try reader.quantity("latency"))
  }
}

extension DecodeAttentionRates {
  static let keys = [
    "bandwidth", "cache_bandwidth", "compute", "saturation", "latency", "scan_latency",
    "round_latency", "head_tile_latency", "latent_bandwidth", "latent_compute",
  ]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      bandwidth: try reader.positive("bandwidth"),
      cacheBandwidth: try reader.positive("cache_bandwidth"),
      compute: try reader.positive("compute"),
      saturation: try reader.ratio("saturation", in: 0.01...2),
      latency: try reader.quantity("latency"), scanLatency: try reader.quantity("scan_latency"),
      roundLatency: try reader.quantity("round_latency"),
      headTileLatency: try reader.quantity("head_tile_latency"),
      latentBandwidth: try reader.positive("latent_bandwidth"),
      latentCompute: try reader.positive("latent_compute"))
  }
}
