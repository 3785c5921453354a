/// What NCCL's graph search found for one algorithm: parallel channels and their speeds.
struct ChannelGraph: Hashable, Sendable {
  let channels: Int
  /// GB/s of one channel inside a domain.
  let intra: Double
  /// GB/s of one channel between domains (of one head's reduction for NVLS).
  let inter: Double
}
