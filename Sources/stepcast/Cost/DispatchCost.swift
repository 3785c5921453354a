import ArgumentParser
import Cost
import Graph
import Hardware
import Units
import Validation

struct DispatchCost: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispatch",
    abstract: "Tokens to their experts, or their results back, by DeepEP's fused kernels.",
    discussion: """
      The dispatch over NCCL is `stepcast cost all-to-all`.

      Try: stepcast cost dispatch --tokens 4096 --hidden 7168 --topk 8 --gpus 32 --dtype fp8
      """)

  @Option(help: "Tokens of one rank.") var tokens: Int

  @Option(help: "Elements of a token.") var hidden: Int

  @Option(help: "Experts of a token.") var topk: Int

  @Option(help: "Format on the wire: bf16, fp16 or fp8.") var dtype = NumericFormat.bf16

  @Flag(help: "The way back, from the experts to the tokens' ranks.") var combine = false

  @Flag(help: "The low-latency kernels of decode instead of the normal ones.")
  var lowLatency = false

  @OptionGroup var group: GroupOptions

  func validate() throws {
    try checkCounts(["--tokens": tokens, "--hidden": hidden, "--topk": topk])
    try checkElements(of: "the message", tokens, hidden, topk)
    if dtype == .fp32 { throw ValidationError("--dtype fp32: DeepEP sends bf16, fp16 or fp8") }
  }

  func run() throws {
    try reportingBadData {
      let cluster = try Cluster.resolve(group.cluster)
      let placement = try group.placement(on: cluster)
      let exchange = ExpertExchange(
        combine ? .combine : .dispatch, tokens: tokens, hidden: hidden, topK: topk, format: dtype,
        ranks: placement.ranks, nodes: placement.nodes)
      let price = CollectiveQuery.experts(exchange, isLowLatency: lowLatency, cluster: cluster)
        .price()
      let rate = Bandwidth(
        bytesPerSecond: Double(tokens * exchange.bytesPerToken) / price.time.value)
      let verb = combine ? "combine" : "dispatch"
      try PricedAnswer(
        question:
          "\(verb) of \(grouped(tokens)) × \(grouped(hidden)) in \(dtype), top \(topk), over \(placement.label)",
        machine: cluster.name, price: price, rates: [.algorithm(rate)]
      ).show(asJSON: group.json)
    }
  }
}
