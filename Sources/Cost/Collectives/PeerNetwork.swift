import Foundation
import Units

/// What sends and receives between nodes cost, from published figures of B200 nodes with eight
/// 400 Gb/s NICs.
enum PeerNetwork {
  /// The start-up of a message: ring send-receive on 2–32 nodes, NCCL 2.29.7.
  static let start = Seconds.microseconds(24)
  /// What a message above 128 KiB waits longer, from the same runs.
  static let rendezvous = Seconds.microseconds(12)
  /// The share of a NIC's line rate that one message reaches: 44.5 of 50 GB/s in the same runs.
  static let messageShare = 0.89
  /// What one channel carries through a NIC, from the same runs.
  static let channelBandwidth = Bandwidth.gigabytesPerSecond(14.5)
  /// The share that messages with many peers reach: 36.7 of 43 GB/s in a tuned all-to-all of 16.
  static let manyPeersShare = 0.85

  /// The growth of an all-to-all's start-up with its bytes, from the same eight sizes: up to 30 µs.
  static func ramp(of size: Bytes) -> Seconds {
    .microseconds(30 * (1 - exp(-Double(size.count) / 500_000)))
  }
}
