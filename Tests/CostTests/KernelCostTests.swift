import Foundation
import Graph
import Hardware
import Testing
import Units

@testable import Cost

/// Values of a separate implementation of the same formulas in another language.
@Suite("Kernel costs against a second implementation")
struct KernelCostTests {
  private func expectClose(_ cost: KernelCost, _ microseconds: Double) {
    #expect(
      abs(cost.duration.microseconds / microseconds - 1) < 1e-9,
      "\(cost.duration.microseconds) µs, expected \(microseconds) µs")
  }

  private var h100: Device { get throws { try Cluster.named("h100").device } }
  private var gb200: Device { get throws { try Cluster.named("gb200").device } }

  @Test("dense products")
  func dense() throws {
    let cases: [(MatrixMultiply, Device, Double)] = [
      (.init(rows: 8192, columns: 8192, inner: 8192), try h100, 1410.6819827493405),
      (.init(rows: 4096, columns: 4608, inner: 4096), try h100, 216.59804465869618),
      (.init(rows: 1, columns: 4096, inner: 4096), try h100, 15.070457380009552),
      (.init(rows: 64, columns: 1024, inner: 16_384), try h100, 21.816202460442035),
      (.init(rows: 2048, columns: 6144, inner: 4096, format: .fp8), try h100, 89.79301743011919),
      (.init(rows: 2048, columns: 768, inner: 16_384, outputWidth: 8), try h100, 91.43719086438598),
      (.init(rows: 32_768, columns: 8192, inner: 28_672), try gb200, 10080.585657664513),
      (.init(rows: 4096, columns: 128, inner: 2048), try gb200, 6.7084495122105015),
    ]
    for (product, device, expected) in cases {
      expectClose(denseGEMMCost(of: product, on: device), expected)
    }
  }

  @Test("a dense product of 8192³ on an H100, by hand")
  func byHand() throws {
    let cost = denseGEMMCost(of: .init(rows: 8192, columns: 8192, inner: 8192), on: try h100)
    // 32 · 64 tiles on 132 multiprocessors are 15.52 rounds, 71 % of the part counts as a whole one.
    let waves = 0.286 * 2048 / 132 + 0.714 * 16
    let work = 2.0 * 256 * 128 * (8192 + 59) * 132
    let tiling = try #require(cost.tiling)
    #expect(tiling.tile == Tile(rows: 256, columns: 128))
    #expect(tiling.splits == 1)
    #expect(abs(tiling.waves - waves) < 1e-12)
    let rate = 818.4e12 * (1 - 0.0326 * 0.13685)
    #expect(abs(cost.compute.value * rate / (waves * work) - 1) < 1e-3)
    #expect(abs(cost.memory.microseconds - 3 * 8192 * 8192 * 2 / 2.897e6) < 1e-6)
    #expect(abs(cost.latency.microseconds - 2.67) < 1e-9)
  }

  @Test("grouped products")
  func grouped() throws {
    // The other implementation has no latencies.
    let qwen = groupedGEMMCost(
      of: .init(groups: 16, rows: 16 * 2048, columns: 1536, inner: 2048), on: try h100)
    #expect(abs((qwen.duration - qwen.latency).microseconds - 283.8002233395106) < 1e-6)
    #expect(abs(qwen.latency.microseconds - (3 + 15 * 3.7)) < 1e-9)
    let few = groupedGEMMCost(
      of: .init(groups: 4, rows: 400, columns: 4096, inner: 7168), on: try gb200)
    #expect(abs((few.duration - few.latency).microseconds - 40.973781849921636) < 1e-6)
  }

  @Test("flash attention, backward, with keys wider than values")
  func attention() throws {
    let latent = AttentionKernel(
      batch: 1, heads: 128, keyValueHeads: 128, queryLength: 4096, keyLength: 4096,
      queryKeyDimension: 192, valueDimension: 128, isBackward: true)
    expectClose(attentionCost(of: latent, on: try gb200, for: .training), 1688.8497957314908)
  }

  @Test("flash attention of small heads, by hand")
  func smallHeads() throws {
    let kernel = AttentionKernel(
      batch: 1, heads: 64, keyValueHeads: 8, queryLength: 8192, keyLength: 8192,
      queryKeyDimension: 64, valueDimension: 64)
    let cost = attentionCost(of: kernel, on: try h100, for: .training)
    // 64 rows of blocks, 2,080 blocks with the diagonal; a head of 64 loses 20 elements to softmax.
    let unit: Double = 4 * 128 * 128 * 64
    let softmax: Double = (64.0 / 84) * (148.0 / 128)
    let rate: Double = 646e12 / 132 * softmax
    // The longest row of 64 blocks counts 0.69 times, starting and storing 1.24 blocks. The work of
    // 0.558 TFLOP draws no more power than the device has.
    let blocks: Double = 64.0 * 2080 / 132 + 0.69 * 64 + 1.24
    let compute: Double = blocks * unit / rate
    #expect(abs(cost.compute.value / compute - 1) < 1e-12)
    let bytes = Double(2 * 8192 * 64 * (2 * 64 + 2 * 8))
    let memory: Double = bytes / 2011e9
    #expect(abs(cost.memory.value / memory - 1) < 1e-12)
    #expect(cost.latency == .microseconds(6))
  }

  @Test("decode attention, by hand")
  func decode() throws {
    let kernel = AttentionKernel(
      batch: 64, heads: 32, keyValueHeads: 8, queryLength: 1, keyLength: 8192,
      queryKeyDimension: 128, valueDimension: 128)
    let cost = attentionCost(of: kernel, on: try h100, for: .serving)
    // 64 · 8 · 32 work items keep 132 multiprocessors busy.
    let bytes = 4.0 * 64 * 8192 * 8 * 128 + 4.0 * 64 * 32 * 128
    #expect(abs(cost.memory.value / (bytes / 2903e9) - 1) < 1e-12)
    let products = 4.0 * 64 * 8 * 16 * 8192 * 128 / 356e12
    // 64 · 8 sequences of key heads, with four query heads each, go round the multiprocessors.
    let rounds = 64.0 * 8 * (1 + 4.0 / 48) / 132 * 2.96e-6
    let compute = pow(pow(products, 1.89) + pow(rounds, 1.89), 1 / 1.89)
    #expect(abs(cost.compute.value / compute - 1) < 1e-12)
    #expect(abs(cost.latency.microseconds - 8.88) < 1e-9)
  }

  @Test("multi-head latent attention decodes from one shared latent of 576 elements")
  func latentDecode() throws {
    let kernel = AttentionKernel(
      batch: 128, heads: 128, keyValueHeads: 1, queryLength: 1, keyLength: 4096,
      queryKeyDimension: 576, valueDimension: 512)
    let cost = attentionCost(of: kernel, on: try h100, for: .serving)
    let cache = 128.0 * 4096 * 576 * 2
    let queries = 2.0 * 128 * 128 * (576 + 512)
    #expect(abs(cost.memory.value / ((cache + queries) / 3000e9) - 1) < 1e-12)
  }

  @Test("a memory-bound kernel is its bytes over a share of the datasheet bandwidth")
  func memoryBound() throws {
    let traffic = MemoryTraffic(.norm, bytes: Bytes(4 * 4096 * 4096))
    let cost = memoryBoundCost(of: traffic, on: try h100)
    #expect(abs(cost.duration.microseconds - (2.44 + 4.0 * 4096 * 4096 / (0.856 * 3.35e6))) < 1e-9)
  }

  @Test("every class of memory-bound kernel has an efficiency in every profile")
  func classes() throws {
    for cluster in try Cluster.catalog() {
      for kernel in MemoryKernel.allCases {
        let traffic = MemoryTraffic(kernel, bytes: .gibibytes(1))
        let cost =
          hostCost(of: traffic, on: cluster.host)
          ?? memoryBoundCost(of: traffic, on: cluster.device)
        #expect(cost.memory > .gibibytes(1) / cluster.device.memory.bandwidth)
        #expect(cost.latency > .zero && cost.latency < .microseconds(20))
      }
    }
  }
}
