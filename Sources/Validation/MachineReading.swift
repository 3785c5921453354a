import Cost
import Graph
import Hardware
import Units

/// The machine of a measured collective: a profile, changed where the row says otherwise.
struct MachineReading {
  let cluster: Cluster
  private let cells: CSVRow
  private let gpu: String

  /// GPUs as measurements name them, the profile that is nearest, and links where they differ.
  private static let known: [(gpu: String, profile: String, links: Int?)] = [
    ("A100", "a100", nil), ("H100", "h100", nil), ("H200", "h200", nil), ("H800", "h100", 8),
    ("B200", "b200", nil), ("GB200", "gb200", nil), ("GB300", "gb200", nil),
  ]

  init(_ cells: CSVRow) throws(RowRefusal) {
    self.cells = cells
    gpu = cells["gpu"]
    let bare = String(gpu.prefix { $0 != "-" && $0 != " " })
    guard !gpu.isEmpty else { throw .missing(column: "gpu") }
    guard let entry = Self.known.first(where: { $0.gpu == bare }) else {
      throw .unknownHardware(
        gpu, suggestion: nearestSpelling(to: gpu, among: Self.known.map(\.gpu)))
    }
    do throws(ProfileError) {
      cluster = try Cluster.named(entry.profile)
    } catch {
      throw .unknownHardware(gpu, suggestion: nil)
    }
    links = entry.links ?? cluster.node.nvlink.links
  }

  private let links: Int

  /// Nodes default to as many as full domains hold the GPUs.
  func placement() throws(RowRefusal) -> GroupPlacement {
    let ranks = try cells.needed("gpus")
    let domain = try domainSize()
    let nodes = try cells.count("nodes") ?? (ranks + domain - 1) / domain
    guard nodes <= ranks else {
      throw .unreadable(
        column: "nodes", text: cells["nodes"], expected: "at most the number of GPUs")
    }
    return GroupPlacement(ranks: ranks, nodes: nodes, ranksPerNode: (ranks + nodes - 1) / nodes)
  }

  func fabric(options: CollectiveOptions) throws(RowRefusal) -> CollectiveFabric {
    let isUnswitched = cells["nccl_version_or_impl"].range(of: "NVLS_ENABLE=0") != nil
    let link = NetworkLink(cells["inter_link"])
    let domain = try domainSize()
    let perDomain = link.nics.map { $0 * max(1, domain / max(1, link.perGPUs ?? domain)) }
    let fabric = cluster.fabric
    let standard = domain * fabric.nicsPerNode / cluster.node.devices
    var bandwidth = link.bandwidth ?? fabric.nicBandwidth
    if gpu == "GB300", link.bandwidth == nil { bandwidth = .gigabytesPerSecond(100) }
    if cluster.device.architecture == .ampere { bandwidth = min(bandwidth, fabric.nicBandwidth) }
    return CollectiveFabric(
      generation: cluster.device.architecture, intraLink: .nvLink(links: links),
      domainSize: domain, hasNVLS: cluster.node.nvlink.hasMulticast && !isUnswitched,
      nics: max(1, perDomain ?? standard), nicBandwidth: bandwidth,
      nicLatency: fabric.nicLatency + pluginLatency, cpu: cluster.node.processor,
      version: version, options: options)
  }

  private func domainSize() throws(RowRefusal) -> Int {
    try cells.count("gpus_per_node") ?? cluster.node.nvlink.domainSize
  }

  private var pluginLatency: Seconds {
    let described = cells["inter_link"] + " " + cells["nccl_version_or_impl"]
    return CollectiveRow.plugins.first { described.range(of: $0.name) != nil }?.latency ?? .zero
  }

  /// The first release named; the latest where none is.
  private var version: NCCLVersion {
    for word in cells["nccl_version_or_impl"].split(separator: " ") {
      if let version = NCCLVersion(parsing: String(word)) { return version }
    }
    return .latest
  }
}

/// NICs as measurements name them: `8x400G IB NDR CX7`, `4x400G RoCE per 4-GPU tray`.
struct NetworkLink: Hashable {
  /// NICs of a node, or of what `perGPUs` says.
  let nics: Int?
  let bandwidth: Bandwidth?
  /// GPUs that share those NICs where the text says so.
  let perGPUs: Int?

  init(_ text: String) {
    let words = text.split(separator: " ")
    let sizes = words.first?.split(separator: "x") ?? []
    nics = sizes.count == 2 ? Int(sizes[0]) : nil
    let rate = sizes.count == 2 ? Double(sizes[1].prefix { $0.isNumber }) : nil
    perGPUs = words.firstIndex(of: "per").flatMap { place in
      place + 1 < words.count ? Int(words[place + 1].prefix { $0.isNumber }) : nil
    }
    // Adapters measured one by one, half of them slower: the mean is what a ring of all sees.
    let measured = words.indices.dropLast().compactMap { place in
      words[place + 1].hasPrefix("Gb/s") ? Double(words[place].filter { $0.isNumber }) : nil
    }
    if measured.isEmpty {
      bandwidth = rate.map { .gigabytesPerSecond($0 / 8) }
    } else {
      let mean = measured.reduce(0, +) / Double(measured.count)
      bandwidth = .gigabytesPerSecond(mean / 8)
    }
  }
}
