import Foundation
import Hardware
import TestSupport
import Testing
import Units

@Suite("Catalog")
struct CatalogTests {
  /// One machine of each generation.
  private static let generations = ["a100", "h100", "h200", "b200", "gb200"]

  @Test("every profile that comes with the program loads, under its own name")
  func loads() throws {
    let clusters = try Cluster.catalog()
    #expect(clusters.map(\.name) == Cluster.catalogNames)
    #expect(
      Cluster.catalogNames
        == [
          "dgx-a100-80gb", "dgx-a100-40gb", "dgx-h100", "hgx-h100-hbm2e", "dgx-h200", "dgx-b200",
          "dgx-b300", "gb200-nvl72", "gb300-nvl72",
        ])
  }

  @Test("the folder of profiles and the catalog hold the same files")
  func matchesFolder() throws {
    let folder = SharedData.repository.appending(path: "hardware-profiles")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".json") }
    #expect(Set(files) == Set(Cluster.catalogNames.map { "\($0).json" }))
    for name in Cluster.catalogNames {
      #expect(
        try Cluster.load(path: folder.appending(path: "\(name).json").path)
          == Cluster.named(name))
    }
  }

  @Test(
    "aliases in any case mean a profile",
    arguments: [
      ("H100", "dgx-h100"), ("a100", "dgx-a100-80gb"), ("dgx-a100", "dgx-a100-80gb"),
      ("b200", "dgx-b200"), ("GB200", "gb200-nvl72"), ("DGX-H200", "dgx-h200"),
    ])
  func aliases(alias: String, name: String) throws {
    #expect(try Cluster.named(alias).name == name)
    #expect(try Cluster.resolve(alias).name == name)
  }

  @Test("a DGX H100 states the numbers of its datasheet")
  func h100() throws {
    let cluster = try Cluster.named("h100")
    #expect(cluster.device.architecture.capability == 90)
    #expect(cluster.device.multiprocessors == 132)
    #expect(cluster.device.peak.rate(of: .bf16) == .teraflopsPerSecond(989.5))
    #expect(cluster.device.memory.bandwidth == .gigabytesPerSecond(3350))
    #expect(cluster.device.memory.capacity == .mebibytes(81_559))
    #expect(abs(cluster.node.nvlink.bandwidth.gigabytesPerSecond - 370.8) < 1e-9)
    #expect(cluster.fabric.nicBandwidth == .gigabytesPerSecond(50))
    #expect(cluster.fabric.library == CollectiveLibrary(major: 2, minor: 30))
  }

  @Test("what NCCL distinguishes is different where it should be")
  func interconnects() throws {
    let clusters = try Self.generations.map { try Cluster.named($0) }
    #expect(clusters.map { $0.node.nvlink.domainSize } == [8, 8, 8, 8, 72])
    #expect(clusters.map { $0.node.nvlink.links } == [12, 18, 18, 18, 18])
    #expect(clusters.map { $0.node.nvlink.hasMulticast } == [false, true, true, true, true])
    #expect(clusters.map { $0.fabric.nicsPerNode } == [8, 8, 8, 8, 4])
    #expect(clusters.map { $0.node.processor } == [.amd, .intel, .intel, .intel, .arm])
  }

  @Test("leaf switches join scalable units without oversubscription")
  func leafSwitches() throws {
    let trees = try Self.generations.map { try Cluster.named($0).fabric.tree }
    #expect(trees.map(\.domainsPerLeaf) == [20, 32, 32, 32, 8])
    #expect(trees.allSatisfy { $0.oversubscription == 1 })
  }

  @Test("a profile without leaf switches has one switch above all NICs")
  func oneSwitch() throws {
    let file = SharedData.repository.appending(path: "hardware-profiles/dgx-h100.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let begin = try #require(text.range(of: "    \"leaf_switches\""))
    let end = try #require(
      text.range(of: "    \"point_to_point\"", range: begin.upperBound..<text.endIndex))
    let cut = text.replacingCharacters(in: begin.lowerBound..<end.lowerBound, with: "")
    #expect(try Cluster(parsing: Array(cut.utf8), file: "h100.json").fabric.tree == .nonBlocking)
  }

  @Test("devices without a machine around them load under their own names")
  func devices() throws {
    let devices = try Device.catalogNames.map { try Device.named($0) }
    #expect(devices.map(\.name) == ["A100-PCIE-80GB", "H20", "H800", "L40S"])
    #expect(try Device.named("GB200") == Cluster.named("gb200").device)
    #expect(
      #expect(throws: ProfileError.self) { try Device.named("h80O") }?.description
        == ProfileError.unknownName(
          name: "h80O", suggestion: "h800",
          known: Cluster.catalogNames + Device.catalogNames
        ).description)
  }

  @Test("kernels of other authors differ where they were measured")
  func implementations() throws {
    let rates = try Cluster.named("h100").device.rates.memoryBound
    #expect(rates[.norm, by: .serving2023].elementTime > rates[.norm].elementTime)
    #expect(rates[.norm, by: .fused] == rates[.norm])
    #expect(rates[.crossEntropy, by: .compiled] == rates[.crossEntropy])
    #expect(rates[.softmax, by: .eager].hostTime > .zero)
  }

  @Test("a device without fp8 says so")
  func noFP8() throws {
    #expect(try Cluster.named("a100").device.peak.rate(of: .fp8) == nil)
  }

  @Test("a B200 trains by default and serves on request")
  func presets() throws {
    let cluster = try Cluster.named("b200")
    #expect(cluster.device.presets.map(\.name) == ["training", "serving"])
    #expect(cluster.device.rates.gemm.achievable.bf16 == .teraflopsPerSecond(1229))
    let serving = try cluster.usingRates("serving")
    #expect(serving.device.rates.gemm.achievable.bf16 == .teraflopsPerSecond(1749))
    #expect(try serving.usingRates("training") == cluster)
  }

  @Test("every number keeps its source")
  func facts() throws {
    for cluster in try Cluster.catalog() {
      #expect(cluster.facts.count > 80)
      #expect(Set(cluster.facts.map(\.path)).count == cluster.facts.count)
      #expect(cluster.facts.allSatisfy { $0.citation.count > 10 && $0.spread != nil })
    }
    let fact = try #require(
      try Cluster.named("h100").facts.first { $0.path == "device.memory.bandwidth" })
    #expect(fact.value == "3350 GB/s")
    #expect(fact.provenance == .datasheet)
    let launch = try #require(
      try Cluster.named("h100").facts.first { $0.path == "host.launch" })
    #expect(launch.spread == 0.5)
  }

  @Test("no achievable rate exceeds the datasheet's")
  func belowPeak() throws {
    for cluster in try Cluster.catalog() {
      for rates in cluster.device.presets {
        #expect(rates.gemm.bandwidth <= cluster.device.memory.bandwidth)
        #expect(rates.memoryBound.copyBandwidth <= cluster.device.memory.bandwidth)
        #expect(rates.decodeAttention.bandwidth <= cluster.device.memory.bandwidth)
        #expect(rates.attentionForward.sixteenBit <= cluster.device.peak.bf16)
        #expect(rates.attentionBackward.sixteenBit <= cluster.device.peak.bf16)
      }
    }
  }
}
