import Cost
import Graph
import Hardware
import Units

extension CollectiveRow {
  /// What the row measured.
  ///
  /// - Throws: `RowRefusal` with the reason where the row does not say enough or names what is not
  ///   modelled.
  public func query() throws(RowRefusal) -> CollectiveQuery {
    guard !family.isEmpty else { throw .missing(column: "op") }
    let machine = try MachineReading(cells)
    if family == "moe_dispatch" || family == "moe_combine" { return try experts(machine) }
    guard let operation = Self.operations.first(where: { $0.name == family })?.operation else {
      throw .unknownWord(
        column: "op", text: family,
        known: Self.operations.map(\.name) + ["moe_dispatch", "moe_combine"])
    }
    guard !says("custom AR") else {
      throw .notModelled("nccl_version_or_impl: all-reduce kernels of frameworks")
    }
    let placement = try machine.placement()
    guard placement.ranks > 1 else { throw .notModelled("gpus: a collective of one GPU") }
    // Frameworks that block on each call add their launch and wait: 16 to 22 µs in published runs.
    let overhead = says("torch") ? Seconds.microseconds(18) : .zero
    return .library(
      operation, size: Bytes(try cells.needed("bytes")), placement: placement,
      fabric: try machine.fabric(options: options), overhead: overhead)
  }

  private func says(_ text: String) -> Bool {
    cells["nccl_version_or_impl"].range(of: text) != nil
  }

  /// `NCCL_ALGO=Ring`, switched-off NVLS and SHARP, as the implementation names them.
  private var options: CollectiveOptions {
    var options = CollectiveOptions()
    if says("Ring") { options.algorithm = .ring }
    options.reducesInNetwork = says("SHARP")
    return options
  }

  /// Tokens per rank stand at the front of the remarks (`128 tok/rank`); hidden size 7168 and 8 experts
  /// per token, those of DeepSeek-V3, where the remarks do not say. Dispatch sends 8 bits, combine 16.
  private func experts(_ machine: MachineReading) throws(RowRefusal) -> CollectiveQuery {
    guard says("DeepEP") else {
      throw .notModelled("nccl_version_or_impl: expert exchanges other than DeepEP's")
    }
    guard !says("V2") else { throw .notModelled("nccl_version_or_impl: DeepEP V2") }
    guard !says("12 SMs") else {
      throw .notModelled("nccl_version_or_impl: DeepEP with fewer multiprocessors than its default")
    }
    let isLowLatency = !says("normal")
    guard let tokens = tokens else { throw .missing(column: "notes (tokens per rank)") }
    let placement = try machine.placement()
    let isDispatch = family == "moe_dispatch"
    let exchange = ExpertExchange(
      isDispatch ? .dispatch : .combine, tokens: tokens,
      hidden: number(afterLast: "hidden ") ?? 7168,
      topK: number(afterLast: "top-") ?? 8, format: isDispatch ? .fp8 : .bf16,
      ranks: placement.ranks, nodes: placement.nodes)
    return .experts(exchange, isLowLatency: isLowLatency, cluster: machine.cluster)
  }

  private var tokens: Int? {
    let words = cells["notes"].split(whereSeparator: { " ,".contains($0) })
    guard let place = words.firstIndex(where: { $0.hasPrefix("tok") }), place > 0 else {
      return nil
    }
    return Int(words[place - 1])
  }

  /// The number behind the last mention of a word in the remarks.
  private func number(afterLast word: String) -> Int? {
    var rest = cells["notes"][...]
    var found: Int?
    while let range = rest.range(of: word) {
      rest = rest[range.upperBound...]
      found = Int(rest.prefix { $0.isNumber }) ?? found
    }
    return found
  }
}
