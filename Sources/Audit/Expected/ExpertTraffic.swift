import Graph
import Model
import Parallelism
import Units

/// The messages of one mixture-of-experts layer under balanced routing; nil over groups of one.
struct ExpertTraffic {
  // One row per token and expert.
  let counts, tokenExchange, probabilityExchange: ExpectedCollective?
  let tokenGather, probabilityGather, scatter: ExpectedCollective?
  // All tokens to all ranks.
  let routingMap, scoreGather, streamGather: ExpectedCollective?
  // One copy per token and rank.
  let fusedExchange: ExpectedCollective?

  init(_ experts: MixtureOfExperts, sizes: StepSizes) {
    let plan = sizes.plan
    // A router under tensor parallelism needs the sequence sharded; otherwise the rows are open.
    let isDefined = plan.tensor == 1 || plan.sequenceParallel
    func call(
      _ operation: CollectiveOperation, _ family: GroupFamily, in input: Int, out: Int
    ) -> ExpectedCollective? {
      sizes.collective(
        operation, over: family, in: isDefined ? input : nil, out: isDefined ? out : nil)
    }
    let rows = Self.rows(experts, sizes: sizes)
    let scoreWidth = sizes.configuration.routerFormat.width
    let row = sizes.model.hiddenSize * sizes.width
    let shards = plan.expertTensor
    let ranks = shards * plan.expert
    // Where experts take a fixed number of rows, everybody knows how many come.
    counts =
      sizes.configuration.capacityFactor == nil
      ? sizes.collective(
        .allGather, over: .expertTensorExpert, in: 8 * experts.experts,
        out: 8 * experts.experts * ranks) : nil
    tokenExchange = call(.allToAll, .expert, in: rows * row, out: rows * row)
    probabilityExchange = call(
      .allToAll, .expert, in: rows * scoreWidth, out: rows * scoreWidth)
    tokenGather = call(.allGather, .expertTensor, in: rows * row, out: rows * row * shards)
    probabilityGather = call(
      .allGather, .expertTensor, in: rows * scoreWidth, out: rows * scoreWidth * shards)
    // The experts' output is cast to the format of the scores before it is reduced.
    let output = rows * sizes.model.hiddenSize * scoreWidth
    scatter = call(.reduceScatter, .expertTensor, in: output * shards, out: output)

    // One byte per token and expert says who was chosen.
    let scores = sizes.shardTokens * experts.experts
    routingMap = call(.allGather, .expertTensorExpert, in: scores, out: scores * ranks)
    scoreGather = call(
      .allGather, .expertTensorExpert, in: scores * scoreWidth, out: scores * scoreWidth * ranks)
    streamGather = call(
      .allGather, .expertTensorExpert, in: sizes.shardBytes, out: sizes.shardBytes * ranks)

    let copies = Self.copies(experts, sizes: sizes) * row
    fusedExchange = call(
      .allToAll, shards > 1 ? .expertTensorExpert : .expert, in: copies, out: copies)
  }

  /// Rows that one rank sends: a copy per token and expert, or as many as each expert takes.
  private static func rows(_ experts: MixtureOfExperts, sizes: StepSizes) -> Int {
    let rows = sizes.shardTokens * experts.topK
    guard let factor = sizes.configuration.capacityFactor else { return rows }
    return experts.experts * Int((factor * Double(rows) / Double(experts.experts)).rounded(.up))
  }

  /// Copies that one rank sends to the ranks that hold any of a token's experts: of `m` ranks, a token
  /// with `k` independent experts misses each with probability `(1 − 1/m)^k`. Each copy goes to all
  /// shards of an expert.
  private static func copies(_ experts: MixtureOfExperts, sizes: StepSizes) -> Int {
    let ranks = Double(sizes.plan.expert)
    var missed = 1.0
    for _ in 0..<experts.topK { missed *= 1 - 1 / ranks }
    let copies = (Double(sizes.shardTokens) * ranks * (1 - missed)).rounded(.up)
    return Int(copies) * sizes.plan.expertTensor
  }
}
