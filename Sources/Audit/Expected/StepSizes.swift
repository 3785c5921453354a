import Graph
import Model
import Parallelism
import Units

/// The sizes that every expectation is computed from, of one microbatch on one rank.
struct StepSizes {
  let model: TransformerModel
  let plan: ParallelPlan
  let configuration: StepConfiguration

  var isTraining: Bool { configuration.phase == .train }

  /// Tokens of one microbatch on one tensor-parallel group, after the split over CP.
  var tokens: Int {
    configuration.phase == .decode
      ? configuration.microBatchSize
      : configuration.sequenceLength * configuration.microBatchSize / plan.context
  }

  /// Tokens on one rank where the sequence is sharded.
  var shardTokens: Int { plan.sequenceParallel ? share(tokens, of: plan.tensor) : tokens }

  /// Bytes of one element of an activation.
  var width: Int { configuration.format.width }

  /// Bytes of the residual stream of all tokens of the tensor-parallel group.
  var streamBytes: Int { tokens * model.hiddenSize * width }

  /// Bytes of the residual stream that one rank holds, which is what it sends to the next stage.
  var shardBytes: Int { shardTokens * model.hiddenSize * width }

  func size(of family: GroupFamily) -> Int { RankGrid(plan).size(of: family) }

  /// A collective, unless the group has one member.
  func collective(
    _ operation: CollectiveOperation, over family: GroupFamily, in input: Int?, out: Int?
  ) -> ExpectedCollective? {
    size(of: family) > 1
      ? ExpectedCollective(operation, over: family, in: input, out: out) : nil
  }

  /// The all-gather in front of a column-parallel product; without sequence parallelism it vanishes
  /// and its dual is an all-reduce.
  var tensorGather: (forward: ExpectedCollective?, backward: ExpectedCollective?) {
    if plan.sequenceParallel {
      let gather = collective(.allGather, over: .tensor, in: shardBytes, out: streamBytes)
      return (gather, gather?.dual)
    }
    return (nil, collective(.allReduce, over: .tensor, in: streamBytes, out: streamBytes))
  }

  /// The reduction behind a row-parallel product: a reduce-scatter with sequence parallelism, else an
  /// all-reduce whose backward is free.
  var tensorScatter: (forward: ExpectedCollective?, backward: ExpectedCollective?) {
    if plan.sequenceParallel {
      let scatter = collective(.reduceScatter, over: .tensor, in: streamBytes, out: shardBytes)
      return (scatter, scatter?.dual)
    }
    return (collective(.allReduce, over: .tensor, in: streamBytes, out: streamBytes), nil)
  }
}

/// The largest part of an amount split as evenly as it goes.
func share(_ amount: Int, of parts: Int) -> Int { (amount + parts - 1) / parts }
