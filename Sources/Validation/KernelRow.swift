import Cost
import Graph
public import Hardware
public import Units

/// One measured kernel: a row with the columns `id, kernel, gpu, dtype, m, n, k, batch, seq_q, seq_kv,
/// heads, kv_heads, head_dim, experts, topk, causal, direction, time_us, source, notes`.
///
/// Other columns are ignored. An empty cell is unknown and takes the default that the reading of each
/// kernel states; a row without a default for what it lacks is refused with the reason.
public struct KernelRow: Hashable, Sendable {
  /// Columns that a table of kernels must have.
  public static let columns = ["kernel", "gpu", "time_us"]

  public let id: String
  /// The kernel's family, for example `gemm`.
  public let family: String
  public let hardware: String
  /// The number format as written, for example `fp8_block`.
  public let precision: String
  public let source: String
  let cells: CSVRow

  /// - Parameter cells: a row of a table; its line stands for a missing `id`.
  public init(_ cells: CSVRow) {
    self.cells = cells
    id = cells["id"].isEmpty ? "line \(cells.line)" : cells["id"]
    hardware = cells["gpu"]
    precision = cells["dtype"].isEmpty ? "bf16" : cells["dtype"]
    source = sourceName(of: cells["source"])
    let isTraining = Self.isTraining(cells)
    switch cells["kernel"] {
    case "attn_prefill":
      family =
        !isTraining
        ? "attention, serving"
        : cells["direction"] == "bwd" ? "attention, backward" : "attention, forward"
    case "attn_decode": family = "attention, decode"
    case let kernel: family = MemoryReading.kernels.contains(kernel) ? "memory-bound" : kernel
    }
  }

  /// What was measured.
  ///
  /// - Throws: `RowRefusal` where the cell is empty, zero or no number.
  public func measured() throws(RowRefusal) -> Seconds {
    guard let time = try cells.number("time_us") else { throw .missing(column: "time_us") }
    guard time > 0 else {
      throw .unreadable(column: "time_us", text: cells["time_us"], expected: "above zero")
    }
    return .microseconds(time)
  }

  /// The GPU with the set of rates that the row's stack has.
  ///
  /// Where a device has one set for training frameworks and one for serving stacks, remarks that name
  /// Transformer Engine (`TE`) ask for the first; the default is the second, whose kernels run alone.
  public func device() throws(RowRefusal) -> Device {
    let device = try knownDevice(named: hardware)
    let names = device.presets.map(\.name)
    guard names.contains("training"), names.contains("serving") else { return device }
    let wanted = cells["notes"].hasPrefix("TE") ? "training" : "serving"
    return device.presets.first { $0.name == wanted }.map(device.using) ?? device
  }

  /// The price of the row's kernel on its GPU.
  ///
  /// - Throws: `RowRefusal` with the reason where it cannot be priced.
  public func price() throws(RowRefusal) -> Price {
    let query = try self.query()
    return try query.price(on: device())
  }

  /// Training kernels are those that say so, backward ones, and those whose remarks are empty.
  static func isTraining(_ cells: CSVRow) -> Bool {
    cells["direction"] == "bwd" || cells["notes"].range(of: "serving") == nil
  }
}

/// The part of a citation that names a campaign: `owner/repository` of a longer path.
func sourceName(of citation: String) -> String {
  let first = citation.split(separator: " ").first.map(String.init) ?? ""
  return String(first.prefix { $0 != "@" && $0 != "#" })
}

/// The profile of a GPU as measurements name it: `H100-SXM`, `A100-SXM-80GB`, `GB200`.
func knownDevice(named name: String) throws(RowRefusal) -> Device {
  guard !name.isEmpty else { throw .missing(column: "gpu") }
  let bare = name.lowercased()
  let aliases = ["a100-sxm-80gb": "a100", "a100-sxm": "a100", "a100-sxm4-80gb": "a100"]
  for candidate in [aliases[bare] ?? bare, String(bare.prefix { $0 != "-" && $0 != " " })] {
    do throws(ProfileError) {
      return try Device.named(candidate)
    } catch {
      // H100-96GB-HBM2e is no H100: only suffixes that name the usual board are dropped.
      guard bare.hasSuffix("-sxm") || bare.hasSuffix("-sxm5") else { break }
    }
  }
  let known = Cluster.catalogNames + Device.catalogNames
  throw .unknownHardware(name, suggestion: nearestSpelling(to: bare, among: known))
}
