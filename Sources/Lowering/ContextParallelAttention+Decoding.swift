import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// One new token per sequence. Every context-parallel rank keeps its share of the cache, whose keys
  /// and values are read in the cache's format.
  ///
  /// A rank's output is normalized over its share of the keys only: ranks tell each other their softmax
  /// statistics, scale their outputs by them, and add up.
  /// - SeeAlso: vLLM's decode context parallelism, `cp_lse_ag_out_ar`.
  mutating func appendDecoding(
    _ core: CoreAttention, at inputs: [Tape.Index], parameters: [Int], saving saved: Int
  ) -> [Tape.Index] {
    let configuration = shape.configuration
    let action = action(
      core, queries: shape.queries,
      keys: divided(configuration.sequenceLength, by: shape.plan.context), isCausal: true,
      format: configuration.keyValueCacheFormat)
    let partial = tape.append(
      .attention, action, from: inputs, parameters: parameters, saving: saved)
    let ranks = shape.plan.context
    guard ranks > 1 else { return [partial] }
    let statistics = Bytes(shape.tokens * core.heads * 4)
    let told = tape.append(
      .contextExchange,
      .collective(
        forward: Collective(
          .allGather, over: .context, input: statistics, output: ranks * statistics),
        backward: nil, regather: nil), from: [partial])
    let elements = shape.tokens * core.outputWidth
    let scaled = tape.append(
      .attention,
      .kernel(
        forward: shape.traffic(.softmax, elements: elements, bytesPerElement: 2 * shape.width),
        backward: nil), from: [partial, told])
    let output = Bytes(elements * shape.width)
    let sum = Collective(.allReduce, over: .context, input: output, output: output)
    return [
      tape.append(
        .contextExchange, .collective(forward: sum, backward: nil, regather: nil), from: [scaled])
    ]
  }
}
