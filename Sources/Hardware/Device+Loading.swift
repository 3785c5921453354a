import Units

extension Device {
  static let keys = [
    "name", "architecture", "multiprocessors", "level_two_cache", "memory", "peak",
    "sustained", "default_rates", "rates",
  ]

  init(_ reader: ProfileReader) throws(ProfileError) {
    let table = try reader.value("rates")
    guard case .object(let members) = table, !members.isEmpty else {
      throw .wrongType(
        file: reader.file, path: reader.at("rates"), found: table.kind,
        expected: "an object with at least one set of rates")
    }
    let sets = try reader.section("rates", keys: members.map(\.key))
    var presets: [KernelRates] = []
    for name in sets.keys {
      presets.append(try KernelRates(name, sets.section(name, keys: KernelRates.keys)))
    }
    let chosen = try reader.text("default_rates")
    guard let first = presets.firstIndex(where: { $0.name == chosen }) else {
      throw .unknownWord(
        file: reader.file, path: reader.at("default_rates"), found: chosen,
        suggestion: nearestSpelling(to: chosen, among: sets.keys), known: sets.keys)
    }
    presets.insert(presets.remove(at: first), at: 0)
    self.init(
      name: try reader.text("name"),
      architecture: try reader.word("architecture", as: Architecture.self),
      multiprocessors: try reader.count("multiprocessors"),
      peak: try FormatRates(reader.section("peak", keys: FormatRates.keys)),
      memory: try DeviceMemory(
        reader.section("memory", keys: ["capacity", "usable", "bandwidth"])),
      levelTwoCache: try reader.positive("level_two_cache"),
      sustained: try SustainedFactors(optionalIn: reader), presets: presets)
    try refuseRatesThatPeakForbids(reader)
  }

  /// A rate above the datasheet's peak is a typing error, most likely a wrong unit; a format with a
  /// peak but no rate could not be priced.
  private func refuseRatesThatPeakForbids(_ reader: ProfileReader) throws(ProfileError) {
    for preset in presets {
      for (rates, section) in [
        (preset.gemm.achievable, "gemm"), (preset.groupedGEMM.achievable, "grouped_gemm"),
      ] {
        for format in NumericFormat.allCases {
          let path = reader.at("rates.\(preset.name).\(section).\(format.rawValue)")
          switch (rates.rate(of: format), peak.rate(of: format)) {
          case (nil, nil): continue
          case (nil, _): throw .missingKey(file: reader.file, path: path)
          case (_, nil):
            throw .missingKey(file: reader.file, path: reader.at("peak.\(format.rawValue)"))
          case (let rate?, let limit?) where rate > limit:
            throw .contradiction(
              file: reader.file, path: path, explanation: "\(rate) is above the peak of \(limit)")
          default: continue
          }
        }
      }
    }
  }
}

extension DeviceMemory {
  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      capacity: try reader.positive("capacity"), usable: try reader.positive("usable"),
      bandwidth: try reader.positive("bandwidth"))
    guard usable <= capacity else {
      throw .contradiction(
        file: reader.file, path: reader.at("usable"),
        explanation: "\(usable) is more than the capacity of \(capacity)")
    }
  }
}

extension FormatRates {
  static let keys = ["bf16", "fp16", "fp8", "fp32"]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      bf16: try reader.positive("bf16"), fp16: try reader.positive("fp16"),
      fp8: try reader.optional("fp8"), fp32: try reader.positive("fp32"))
  }
}

extension SustainedFactors {
  /// The factors of a device; 1 where its profile has none.
  fileprivate init(optionalIn reader: ProfileReader) throws(ProfileError) {
    self.init()
    guard reader.has("sustained") else { return }
    let section = try reader.section(
      "sustained", keys: ["sixteen_bit", "eight_bit", "block_scaled"])
    sixteenBit = try section.ratio("sixteen_bit", in: 0.3...4)
    eightBit = try section.ratio("eight_bit", in: 0.3...4)
    blockScaled = try section.ratio("block_scaled", in: 0.3...4)
  }
}
