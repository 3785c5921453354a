public import Units

/// The price of one collective or message, with the terms that make it up.
public struct CollectiveCost: Hashable, Sendable {
  /// Start-up and hops: what an empty message would take.
  public let latency: Seconds
  /// Bytes over the bandwidth that the chosen way sustains.
  public let transfer: Seconds
  /// What filling and draining the pipeline adds.
  public let fill: Seconds
  /// What NCCL picked; nil for sends and receives, which have no choice, and for a lone rank.
  public let choice: CollectiveChoice?
  /// Thread blocks that the kernel holds, each on a multiprocessor of its own.
  public let blocks: Int

  /// From the moment that the last rank has arrived until the result is there.
  public var time: Seconds { latency + transfer + fill }

  /// Nothing to do: a group of one.
  public static let free = CollectiveCost(
    latency: .zero, transfer: .zero, fill: .zero, choice: nil, blocks: 0)

  public init(
    latency: Seconds, transfer: Seconds, fill: Seconds, choice: CollectiveChoice?, blocks: Int
  ) {
    self.latency = latency
    self.transfer = transfer
    self.fill = fill
    self.choice = choice
    self.blocks = blocks
  }
}
