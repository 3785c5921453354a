import Cost
import Graph
import Hardware
import Testing
import Units

/// A small deterministic generator (SplitMix64), so that a failing case can be repeated.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

@Suite("Laws of kernel costs")
struct KernelLawTests {
  /// Every device with every set of rates.
  private static func devices() throws -> [Device] {
    try Cluster.catalog().flatMap { cluster in
      try cluster.device.presets.map { try cluster.device.usingRates($0.name) }
    }
  }

  /// Sizes spread evenly over powers of two.
  private static func size(_ most: Int, _ random: inout SplitMix) -> Int {
    let power = Int.random(in: 0...most, using: &random)
    return Int.random(in: (1 << power)...(2 << power), using: &random)
  }

  @Test("no kernel beats the datasheet's roofline")
  func roofline() throws {
    var random = SplitMix(state: 1)
    for device in try Self.devices() {
      for _ in 0..<500 {
        let (m, n, k) = (
          Self.size(16, &random), Self.size(15, &random), Self.size(15, &random)
        )
        let groups = Self.size(6, &random)
        let product = MatrixMultiply(rows: m, columns: n, inner: k)
        let dense = denseGEMMCost(of: product, on: device)
        #expect(dense.duration > product.flops / device.peak.bf16, "\(m) \(n) \(k)")
        #expect(dense.duration > Bytes(2 * (m * k + k * n + m * n)) / device.memory.bandwidth)

        let grouped = GroupedMatrixMultiply(groups: groups, rows: m, columns: n, inner: k)
        let cost = groupedGEMMCost(of: grouped, on: device)
        #expect(cost.duration > grouped.flops / device.peak.bf16, "\(groups) \(m) \(n) \(k)")

        let length = Self.size(14, &random)
        let attention = AttentionKernel(
          batch: 1, heads: groups, keyValueHeads: 1, queryLength: length, keyLength: length,
          queryKeyDimension: 128, valueDimension: 128, isBackward: m % 2 == 0)
        #expect(
          attentionCost(of: attention, on: device, for: .training).duration
            > attention.flops / device.peak.bf16, "\(groups) heads, \(length)")
      }
    }
  }

  @Test("a duration lies between the largest of its terms and their sum")
  func terms() throws {
    var random = SplitMix(state: 2)
    for device in try Self.devices() {
      for _ in 0..<200 {
        let rows = Self.size(14, &random)
        let product = MatrixMultiply(
          rows: rows, columns: Self.size(14, &random), inner: Self.size(14, &random))
        let decode = AttentionKernel(
          batch: 1 + rows % 256, heads: 16, keyValueHeads: 4, queryLength: 1,
          keyLength: Self.size(14, &random), queryKeyDimension: 128, valueDimension: 128)
        for cost in [
          denseGEMMCost(of: product, on: device), decodeAttentionCost(of: decode, on: device),
        ] {
          let slack = Seconds(1e-15)
          #expect(cost.duration + slack >= cost.latency + max(cost.compute, cost.memory))
          #expect(cost.duration <= cost.latency + cost.compute + cost.memory + slack)
        }
      }
    }
  }

  @Test("more rows or columns never make a dense product faster")
  func monotoneInOutput() throws {
    for device in try Self.devices() {
      for inner in [128, 1000, 8192] {
        var last = Seconds.zero
        for rows in stride(from: 1, through: 3000, by: 13) {
          let wide = denseGEMMCost(
            of: .init(rows: rows, columns: 2304, inner: inner), on: device)
          #expect(wide.duration >= last)
          last = wide.duration
        }
        last = .zero
        for columns in stride(from: 1, through: 3000, by: 13) {
          let cost = denseGEMMCost(
            of: .init(rows: 777, columns: columns, inner: inner), on: device)
          #expect(cost.duration >= last)
          last = cost.duration
        }
      }
    }
  }

  @Test("a longer inner dimension is never faster once every split is allowed")
  func monotoneInInner() throws {
    for device in try Self.devices() {
      var last = Seconds.zero
      for inner in stride(from: 4096, through: 32_768, by: 64) {
        let cost = denseGEMMCost(of: .init(rows: 300, columns: 900, inner: inner), on: device)
        #expect(cost.duration >= last)
        last = cost.duration
      }
    }
  }

  @Test("one expert more, with as many rows, is never faster")
  func monotoneInExperts() throws {
    for device in try Self.devices() {
      for isWeightGradient in [false, true] {
        var last = Seconds.zero
        for groups in 1...128 {
          let product = GroupedMatrixMultiply(
            groups: groups, rows: groups * 300, columns: 1536, inner: 2048,
            isWeightGradient: isWeightGradient)
          let cost = groupedGEMMCost(of: product, on: device)
          #expect(cost.duration > last)
          last = cost.duration
        }
      }
    }
  }

  @Test("experts without rows cost nothing")
  func idleExperts() throws {
    let device = try Cluster.named("h100").device
    let few = GroupedMatrixMultiply(groups: 3, rows: 3, columns: 1536, inner: 2048)
    let many = GroupedMatrixMultiply(groups: 64, rows: 3, columns: 1536, inner: 2048)
    #expect(groupedGEMMCost(of: few, on: device) == groupedGEMMCost(of: many, on: device))
  }

  @Test("longer sequences and larger batches never make attention faster")
  func monotoneAttention() throws {
    func kernel(_ batch: Int, _ length: Int, window: Int?) -> AttentionKernel {
      AttentionKernel(
        batch: batch, heads: 12, keyValueHeads: 4, queryLength: length, keyLength: length,
        queryKeyDimension: 128, valueDimension: 128, window: window)
    }
    for device in try Self.devices() {
      for use in [KernelUse.training, .serving] {
        for window in [nil, 1024] {
          var last = Seconds.zero
          for length in stride(from: 2, through: 8192, by: 61) {
            let time = attentionCost(of: kernel(1, length, window: window), on: device, for: use)
            #expect(time.duration >= last)
            last = time.duration
          }
          last = .zero
          for batch in 1...64 {
            let time = attentionCost(of: kernel(batch, 512, window: window), on: device, for: use)
            #expect(time.duration >= last)
            last = time.duration
          }
        }
      }
    }
  }

  @Test("a window as long as the sequence changes nothing, a shorter one helps")
  func windows() throws {
    let device = try Cluster.named("h200").device
    func time(window: Int?) -> Seconds {
      attentionCost(
        of: AttentionKernel(
          batch: 1, heads: 32, keyValueHeads: 8, queryLength: 16_384, keyLength: 16_384,
          queryKeyDimension: 64, valueDimension: 64, window: window), on: device, for: .training
      ).duration
    }
    #expect(time(window: 16_384) == time(window: nil))
    #expect(time(window: 128) * 10 < time(window: nil))
  }

  @Test("a decode window limits the cache that is read")
  func decodeWindow() throws {
    let device = try Cluster.named("h200").device
    func time(length: Int, window: Int?) -> Seconds {
      attentionCost(
        of: AttentionKernel(
          batch: 32, heads: 32, keyValueHeads: 8, queryLength: 1, keyLength: length,
          queryKeyDimension: 64, valueDimension: 64, window: window), on: device, for: .serving
      ).duration
    }
    #expect(time(length: 65_536, window: 4096) == time(length: 4096, window: nil))
  }

  @Test("twice the bytes take twice the time, less the latency")
  func linearMemory() throws {
    for device in try Self.devices() {
      let one = memoryBoundCost(of: .init(.optimizer, bytes: .mebibytes(100)), on: device)
      let two = memoryBoundCost(of: .init(.optimizer, bytes: .mebibytes(200)), on: device)
      #expect(abs((two.duration - two.latency) / (one.duration - one.latency) - 2) < 1e-12)
    }
  }
}
