import Foundation
import Hardware
import TestSupport
import Testing

@Suite("Refused profiles")
struct RefusalTests {
  /// What loading says about `dgx-h100.json` after one change.
  private func refusal(replacing old: String, with new: String) throws -> String {
    let file = SharedData.repository.appending(path: "hardware-profiles/dgx-h100.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let range = try #require(text.range(of: old), "the profile has no \(old)")
    let changed = text.replacingCharacters(in: range, with: new)
    let error = try #require(throws: ProfileError.self) {
      try Cluster(parsing: Array(changed.utf8), file: "h100.json")
    }
    return error.description
  }

  @Test("a number without a unit")
  func missingUnit() throws {
    #expect(
      try refusal(replacing: "3350 GB/s", with: "3.35")
        == #"h100.json: device.memory.bandwidth: "3.35" has no unit; write for example "3.35 TB/s""#
    )
  }

  @Test("a bare number where a quantity is needed")
  func bareNumber() throws {
    #expect(
      try refusal(replacing: "\"3350 GB/s\"", with: "3350")
        == #"h100.json: device.memory.bandwidth: "3350" has no unit; write for example "3.35 TB/s""#
    )
  }

  @Test("a unit of something else")
  func wrongUnit() throws {
    #expect(
      try refusal(replacing: "3350 GB/s", with: "3350 GB").hasPrefix(
        #"h100.json: device.memory.bandwidth: "3350 GB" has the unit "GB", expected one of B/s"#))
  }

  @Test("a negative amount")
  func negative() throws {
    #expect(
      try refusal(replacing: "2.67 us", with: "-2.67 us")
        == "h100.json: device.rates.standard.gemm.latency: \"-2.67 us\" is negative; "
        + "expected zero or more")
  }

  @Test("a rate of zero")
  func zeroRate() throws {
    #expect(
      try refusal(replacing: "989.5 TFLOP/s", with: "0 TFLOP/s")
        == #"h100.json: device.peak.bf16: "0 TFLOP/s" is zero; a rate must be above zero"#)
  }

  @Test("text that is not a quantity")
  func notANumber() throws {
    #expect(
      try refusal(replacing: "3350 GB/s", with: "fast")
        == "h100.json: device.memory.bandwidth: \"fast\" is not a quantity; "
        + "write for example \"3.35 TB/s\"")
  }

  @Test("leaf switches with more uplinks than anything below them could use")
  func undersubscribed() throws {
    #expect(
      try refusal(
        replacing: #""oversubscription": { "value": 1"#,
        with: #""oversubscription": { "value": 0.5"#)
        == "h100.json: fabric.leaf_switches.oversubscription: found 0.5, "
        + "expected a number between 1.0 and 1000.0")
  }

  @Test("a misspelt key, with what it most likely meant")
  func unknownKey() throws {
    #expect(
      try refusal(replacing: "\"bandwidth\"", with: "\"bandwith\"")
        == #"h100.json: device.memory.bandwith: is not a field of a profile; did you mean "bandwidth"?"#
    )
  }

  @Test("a key that resembles none")
  func strangeKey() throws {
    #expect(
      try refusal(replacing: "\"host\"", with: "\"zzz\"")
        == "h100.json: zzz: is not a field of a profile; expected one of "
        + "name, description, sources, device, node, fabric, host")
  }

  @Test("a number that is not stated")
  func missingKey() throws {
    #expect(
      try refusal(
        replacing:
          #""capacity": { "value": "81559 MiB", "provenance": "datasheet", "source": "driver", "spread": "0 %" },"#,
        with: "") == "h100.json: device.memory.capacity: is missing")
  }

  @Test("a number without provenance")
  func missingProvenance() throws {
    #expect(
      try refusal(
        replacing: #""value": "3350 GB/s", "provenance": "datasheet","#,
        with: "\"value\": \"3350 GB/s\",")
        == "h100.json: device.memory.bandwidth.provenance: is missing")
  }

  @Test("a number whose source the table lacks")
  func unknownSource() throws {
    #expect(
      try refusal(
        replacing: #""3350 GB/s", "provenance": "datasheet", "source": "datasheet""#,
        with: #""3350 GB/s", "provenance": "datasheet", "source": "datashet""#)
        == "h100.json: device.memory.bandwidth.source: \"datashet\" is not known; "
        + "did you mean \"datasheet\"?")
  }

  @Test("a bare quantity without its source")
  func bareQuantity() throws {
    #expect(
      try refusal(
        replacing:
          #"{ "value": "3350 GB/s", "provenance": "datasheet", "source": "datasheet", "spread": "0 %" }"#,
        with: #""3350 GB/s""#)
        == "h100.json: device.memory.bandwidth: found the text \"3350 GB/s\", "
        + "expected an object with value, provenance and source")
  }

  @Test("a section that is not an object")
  func wrongType() throws {
    #expect(
      try refusal(replacing: "\"NCCL 2.30\"", with: "[2, 30]")
        == "h100.json: fabric.collective_library: found an array, expected text")
  }

  @Test("a library version of another shape")
  func libraryVersion() throws {
    #expect(
      try refusal(replacing: "NCCL 2.30", with: "RCCL 2")
        == "h100.json: fabric.collective_library: found the text \"RCCL 2\", "
        + "expected a version like \"NCCL 2.30\"")
  }

  @Test("a word that is not a choice")
  func unknownWord() throws {
    #expect(
      try refusal(replacing: "\"hopper\"", with: "\"hoper\"")
        == "h100.json: device.architecture: \"hoper\" is not known; did you mean \"hopper\"?")
  }

  @Test("a count that is not whole")
  func fraction() throws {
    #expect(
      try refusal(replacing: "\"value\": 132,", with: "\"value\": 132.5,")
        == "h100.json: device.multiprocessors: found 132.5, expected a whole number of at least 1")
  }

  @Test("a ratio outside its range")
  func ratio() throws {
    #expect(
      try refusal(replacing: "\"value\": 0.895,", with: "\"value\": 91,")
        == "h100.json: device.rates.standard.memory_bound.quantize.efficiency: found 91, "
        + "expected a number between 0.01 and 1.05")
  }

  @Test("a spread that is not a percentage")
  func spread() throws {
    #expect(
      try refusal(
        replacing: "\"launch\", \"spread\": \"50 %\"", with: "\"launch\", \"spread\": \"half\"")
        == "h100.json: host.launch.spread: found \"half\", expected a percentage like \"5 %\"")
  }

  @Test("more usable memory than there is")
  func contradiction() throws {
    #expect(
      try refusal(replacing: "\"78 GiB\"", with: "\"88 GiB\"")
        == "h100.json: device.memory.usable: 88.0 GiB is more than the capacity of 79.6 GiB")
  }

  @Test("a rate above the peak")
  func abovePeak() throws {
    #expect(
      try refusal(replacing: "818.4 TFLOP/s", with: "8184 TFLOP/s")
        == "h100.json: device.rates.standard.gemm.bf16: 8.18 PFLOP/s is above the peak of "
        + "990 TFLOP/s")
  }

  @Test("a default that names no set of rates")
  func defaultRates() throws {
    #expect(
      try refusal(
        replacing: "\"default_rates\": \"standard\"", with: "\"default_rates\": \"standrd\"")
        == "h100.json: device.default_rates: \"standrd\" is not known; did you mean \"standard\"?")
  }

  @Test("a domain that is not made of whole nodes")
  func domain() throws {
    #expect(
      try refusal(
        replacing: "\"domain_size\": { \"value\": 8", with: "\"domain_size\": { \"value\": 12")
        == "h100.json: node.nvlink.domain_size: 12 is not a whole number of nodes of 8")
  }

  @Test("a key stated twice")
  func duplicateKey() throws {
    #expect(
      try refusal(
        replacing: "\"name\": \"H100-SXM\"", with: "\"name\": \"H100\", \"name\": \"H100-SXM\"")
        == "h100.json: device.name: is stated twice; keep one")
  }

  @Test("a name that no profile has")
  func unknownName() throws {
    let near = try #require(throws: ProfileError.self) { try Cluster.named("dgx-h10O") }
    #expect(
      near.description
        == #"unknown cluster "dgx-h10O"; did you mean "dgx-h100"? (the path of a profile works as well)"#
    )
    let far = try #require(throws: ProfileError.self) { try Cluster.named("tpu") }
    #expect(far.description.contains("expected one of dgx-a100-80gb, dgx-a100-40gb, dgx-h100"))
  }

  @Test("a path where there is no file")
  func noFile() throws {
    let error = try #require(throws: ProfileError.self) { try Cluster.resolve("./nowhere.json") }
    #expect(error.description == "./nowhere.json: cannot be read: there is no readable file here")
  }

  @Test("a set of rates that the device lacks")
  func unknownRates() throws {
    let error = try #require(throws: ProfileError.self) {
      try Cluster.named("b200").usingRates("trainin")
    }
    #expect(error.description == #"B200 has no rates "trainin"; did you mean "training"?"#)
  }
}
