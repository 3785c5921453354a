import Units

extension MemoryBoundRates {
  static let keys =
    ["copy_bandwidth"] + MemoryKernelClass.allCases.map(\.rawValue) + [
      "implementations"
    ]

  init(_ reader: ProfileReader) throws(ProfileError) {
    var entries: [Entry] = []
    for kernel in MemoryKernelClass.allCases {
      entries.append(try Entry(reader.section(kernel.rawValue, keys: Entry.keys)))
    }
    self.init(
      copyBandwidth: try reader.positive("copy_bandwidth"), entries: entries,
      others: try Self.others(reader))
  }

  /// Classes as other implementations run them; a class that is not listed is not known to differ.
  private static func others(
    _ reader: ProfileReader
  ) throws(ProfileError) -> [MemoryImplementation: [MemoryKernelClass: Entry]] {
    guard reader.has("implementations") else { return [:] }
    let names = MemoryImplementation.allCases.filter { $0 != .fused }.map(\.rawValue)
    let table = try reader.section("implementations", keys: names)
    var others: [MemoryImplementation: [MemoryKernelClass: Entry]] = [:]
    for name in table.keys {
      let classes = try table.section(name, keys: MemoryKernelClass.allCases.map(\.rawValue))
      guard let implementation = MemoryImplementation(rawValue: name) else { continue }
      for key in classes.keys {
        guard let kernel = MemoryKernelClass(rawValue: key) else { continue }
        others[implementation, default: [:]][kernel] = try Entry(
          classes.section(key, keys: Entry.keys))
      }
    }
    return others
  }
}

extension MemoryBoundRates.Entry {
  static let keys = ["efficiency", "latency", "element_time", "host_time"]

  init(_ reader: ProfileReader) throws(ProfileError) {
    self.init(
      efficiency: try reader.ratio("efficiency", in: 0.01...1.05),
      latency: try reader.quantity("latency"),
      elementTime: reader.has("element_time") ? try reader.quantity("element_time") : .zero,
      hostTime: reader.has("host_time") ? try reader.quantity("host_time") : .zero)
  }
}
