import Hardware
import Testing
import Units

@testable import Cost

@Suite("Pipeline messages")
struct TransferTests {
  @Test("NVLink channels are those of the library's rule")
  func nvlinkChannelCounts() {
    #expect(
      [2, 4, 8].map { nvlinkChannels(for: .mebibytes(16), among: $0, links: 18) } == [16, 8, 4])
    let large = [64, 128, 256, 512, 1024]
    #expect(
      large.map { nvlinkChannels(for: .mebibytes($0), among: 8, links: 18) } == [4, 8, 16, 32, 32])
    #expect(nvlinkChannels(for: Bytes(1000), among: 2, links: 18) == 1)
  }

  @Test("network channels fall with the ranks of the communicator")
  func networkChannelCounts() {
    #expect(
      [2, 16, 32, 64, 128, 256].map {
        networkChannels(among: $0, nic: .gigabytesPerSecond(50))
      } == [4, 4, 4, 2, 1, 1])
  }

  /// One published send and receive.
  struct Measurement: Sendable {
    let cluster: String
    let path: TransferPath
    let ranks: Int
    let bytes: Int
    let microseconds: Double
    let tolerance: Double

    init(
      _ cluster: String, _ path: TransferPath, _ ranks: Int, _ bytes: Int, _ microseconds: Double,
      _ tolerance: Double
    ) {
      self.cluster = cluster
      self.path = path
      self.ranks = ranks
      self.bytes = bytes
      self.microseconds = microseconds
      self.tolerance = tolerance
    }
  }

  static let measurements: [Measurement] = [
    // torch.distributed on two H100 and two A100 of one node.
    Measurement("h100", .insideNode, 2, 1 << 20, 10, 0.1),
    Measurement("h100", .insideNode, 2, 8 << 20, 30, 0.1),
    Measurement("a100", .insideNode, 2, 8 << 20, 36, 0.15),
    Measurement("a100", .insideNode, 2, 64 << 20, 294, 0.05),
    // nccl-tests ring of eight B200.
    Measurement("b200", .insideNode, 8, 16 << 20, 212.6, 0.02),
    Measurement("b200", .insideNode, 8, 64 << 20, 793.1, 0.03),
    Measurement("b200", .insideNode, 8, 256 << 20, 809.8, 0.03),
    // Rings over B200 nodes, NCCL 2.29.7.
    Measurement("b200", .acrossNodes, 16, 1 << 20, 50.6, 0.2),
    Measurement("b200", .acrossNodes, 32, 8 << 20, 208.3, 0.1),
    Measurement("b200", .acrossNodes, 32, 256 << 20, 6045.8, 0.02),
    Measurement("b200", .acrossNodes, 64, 64 << 20, 2560.4, 0.1),
    Measurement("b200", .acrossNodes, 256, 8 << 20, 602.6, 0.05),
  ]

  @Test("published timings are met", arguments: measurements)
  func measured(_ row: Measurement) throws {
    let time = transferTime(
      of: Bytes(row.bytes), over: row.path, among: row.ranks, on: try .named(row.cluster))
    #expect(
      abs(time.microseconds / row.microseconds - 1) < row.tolerance,
      "\(time), measured \(row.microseconds) µs")
  }

  @Test("a message over the network never beats one over NVLink")
  func pathOrder() throws {
    for cluster in try Cluster.catalog() {
      for ranks in [2, 4, 8] {
        for power in 0...30 {
          let size = Bytes(1 << power)
          #expect(
            transferTime(of: size, over: .insideNode, among: ranks, on: cluster)
              < transferTime(of: size, over: .acrossNodes, among: ranks, on: cluster))
        }
      }
    }
  }
}
