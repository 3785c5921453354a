/// One published training step: what ran, on what, and how long it took.
///
/// Columns are those of a table of measured steps; an empty cell is nil, unknown. What a row says
/// in words (notes, framework) is kept as text and read by the extensions beside this file.
public struct MeasuredStep: Hashable, Sendable {
  public let id: String
  public let modelName: String
  public let layers: Int
  public let hidden: Int
  public let feedForward: Int
  public let heads: Int
  public let keyValueHeads: Int
  public let headDimension: Int
  public let vocabulary: Int
  public let sequenceLength: Int
  /// Routed experts per layer; nil for a dense model.
  public let experts: Int?
  public let topK: Int?
  public let expertFeedForward: Int?
  /// Shared experts as written: a count, or their width in words.
  public let sharedExperts: String
  public let isGated: Bool
  public let gpu: String
  public let gpus: Int
  public let tensor: Int?
  public let context: Int?
  public let pipeline: Int?
  public let virtualPipeline: Int?
  public let expert: Int?
  public let expertTensor: Int?
  public let sequenceParallel: Bool?
  public let sharding: String
  public let recomputation: String
  public let schedule: String
  public let microBatch: Int?
  public let globalBatch: Int?
  public let precision: String
  public let framework: String
  public let source: String
  public let notes: String
  /// Rows of one configuration share it.
  public let configurationGroup: String
  /// How well the row is known: A, B or C.
  public let trust: String
  public let measuredSeconds: Double?

  /// The columns without which a row means nothing.
  public static let requiredColumns = [
    "id", "model", "layers", "hidden", "heads", "seq_len", "gpu", "gpus", "global_batch",
    "precision", "step_time_s",
  ]

  /// Reads a row.
  ///
  /// - Throws: `StepRowProblem` for a cell that is no number, or empty where one is needed.
  public init(_ row: CSVRow) throws(StepRowProblem) {
    let cells = StepCells(row: row)
    id = row["id"]
    modelName = row["model"]
    layers = try cells.need("layers")
    hidden = try cells.need("hidden")
    heads = try cells.need("heads")
    keyValueHeads = try cells.count("kv_heads") ?? heads
    headDimension = try cells.count("head_dim") ?? hidden / max(1, heads)
    feedForward = try cells.count("ffn_hidden") ?? 4 * hidden
    vocabulary = try cells.count("vocab") ?? 50_304
    sequenceLength = try cells.need("seq_len")
    experts = try cells.count("experts").flatMap { $0 > 1 ? $0 : nil }
    topK = try cells.count("topk")
    expertFeedForward = try cells.count("moe_ffn_hidden")
    sharedExperts = row["shared_experts"]
    isGated = try cells.count("gated_mlp").map { $0 != 0 } ?? true
    gpu = row["gpu"]
    gpus = try cells.need("gpus")
    tensor = try cells.count("tp")
    context = try cells.count("cp")
    pipeline = try cells.count("pp")
    virtualPipeline = try cells.count("vpp")
    expert = try cells.count("ep")
    expertTensor = try cells.count("etp")
    sequenceParallel = try cells.count("seq_parallel").map { $0 != 0 }
    sharding = row["zero_stage_or_fsdp"].lowercased()
    recomputation = row["recompute"].lowercased()
    schedule = row["schedule"]
    microBatch = try cells.count("micro_batch")
    globalBatch = try cells.count("global_batch")
    precision = row["precision"].lowercased()
    framework = row["framework"]
    source = row["source"]
    notes = row["notes"]
    configurationGroup = row["config_group"]
    trust = row["trust"]
    measuredSeconds = try cells.number("step_time_s")
  }

  /// Whether the row's remarks contain a text, in any case.
  func mentions(_ text: String) -> Bool {
    notes.lowercased().contains(text.lowercased())
  }
}

/// Numbers in the cells of a row.
private struct StepCells {
  let row: CSVRow

  func number(_ column: String) throws(StepRowProblem) -> Double? {
    let text = row[column]
    if text.isEmpty { return nil }
    guard let value = Double(text), value.isFinite, value >= 0 else {
      throw .noNumber(column: column, text: text)
    }
    return value
  }

  func count(_ column: String) throws(StepRowProblem) -> Int? {
    guard let value = try number(column) else { return nil }
    guard value < 1e12, value == value.rounded() else {
      throw .noNumber(column: column, text: row[column])
    }
    return Int(value)
  }

  func need(_ column: String) throws(StepRowProblem) -> Int {
    guard let value = try count(column), value > 0 else {
      throw .missing(column: column)
    }
    return value
  }
}
