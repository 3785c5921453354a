import Cost
import Graph
import Hardware
public import Units

/// One measured collective: a row with the columns `id, op, gpus, gpus_per_node, nodes, gpu,
/// intra_link, inter_link, dtype, bytes, time_us, nccl_version_or_impl, source, notes`.
///
/// `bytes` follows nccl-tests. Other columns are ignored; an empty cell is unknown and takes the default
/// of the machine's profile, or of NCCL's latest release.
public struct CollectiveRow: Hashable, Sendable {
  /// Columns that a table of collectives must have.
  public static let columns = ["op", "gpus", "gpu", "bytes", "time_us"]

  public let id: String
  /// The operation, for example `all_reduce`.
  public let family: String
  public let hardware: String
  public let precision: String
  public let source: String
  let cells: CSVRow

  /// - Parameter cells: a row of a table; its line stands for a missing `id`.
  public init(_ cells: CSVRow) {
    self.cells = cells
    id = cells["id"].isEmpty ? "line \(cells.line)" : cells["id"]
    family = cells["op"]
    hardware = cells["gpu"]
    precision = cells["dtype"].isEmpty ? "bf16" : cells["dtype"]
    source = sourceName(of: cells["source"])
  }

  /// Whether NCCL ran with its own choices over InfiniBand or RoCE, or inside a domain: what the
  /// calibration is for. Plugins of clouds, forced algorithms and expert kernels are not.
  public var isOrdinary: Bool {
    let described = cells["inter_link"] + " " + cells["nccl_version_or_impl"]
    let special = Self.plugins.map(\.name) + Self.choices + ["tuner", "site-limited"]
    return !special.contains { described.range(of: $0) != nil }
      && Self.operations.contains { $0.name == family }
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

  /// The price of the row.
  ///
  /// - Throws: `RowRefusal` with the reason where it cannot be priced.
  public func price() throws(RowRefusal) -> Price { try query().price() }

  /// Operations of NCCL by their names in the column `op`.
  static let operations: [(name: String, operation: CollectiveOperation)] = [
    ("all_reduce", .allReduce), ("all_gather", .allGather), ("reduce_scatter", .reduceScatter),
    ("broadcast", .broadcast), ("alltoall", .allToAll), ("all_to_all", .allToAll),
    ("sendrecv", .ringExchange), ("ring_exchange", .ringExchange),
  ]

  /// Words of `nccl_version_or_impl` that say what the user chose instead of the library.
  static let choices = [
    "NCCL_ALGO", "Ring", "NVLS", "SHARP", "MIN_CTAS", "custom AR", "forced",
  ]

  /// Transports of clouds, and what each adds to a hop: read off the smallest messages on two nodes.
  static let plugins: [(name: String, latency: Seconds)] = [
    ("EFA", .microseconds(20)), ("TCPX", .microseconds(50)), ("Slingshot", .microseconds(10)),
  ]
}
