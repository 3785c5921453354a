/// Why a plan does not fit a model or a step.
public enum PlanViolation: Error, Hashable, Sendable {
  /// A number of the model or the step below 1.
  case notPositive(name: String, count: Int)
  /// A dimension that an axis cuts into unequal parts.
  case unevenCut(dimension: PlanDimension, count: Int, axis: PlanAxis, degree: Int)
  /// Key/value heads that TP neither divides nor replicates evenly.
  case kvHeadsUneven(kvHeads: Int, tensor: Int)
  /// EP above 1 without experts.
  case noExperts(expert: Int)
  /// Layers that do not fill the stages evenly.
  case layersUneven(layers: Int, pipeline: Int, virtualPipeline: Int)
  /// Layers that a layout does not place on the stages.
  case layout(LayoutError)
  /// Several chunks per rank on a single pipeline rank.
  case virtualWithoutPipeline(virtualPipeline: Int)
  /// A global batch that is no whole number of microbatches on every replica.
  case batchUneven(globalBatch: Int, microBatch: Int, data: Int)
  /// A schedule that cannot run the microbatches.
  case schedule(ScheduleError)
  /// A sequence that context parallelism cannot cut into balanced pairs of chunks.
  case contextUneven(sequenceLength: Int, context: Int, chunks: Int)
  /// A sequence shard that sequence parallelism cannot cut.
  case sequenceUneven(sequenceLength: Int, context: Int, tensor: Int)
  /// Training experts with TP above 1 and whole sequences on every tensor rank.
  case expertsWithoutSequenceParallel(tensor: Int)
  /// Pipeline groups that differ between dense and expert layers.
  case pipelineGroupsDiffer(data: Int, expertData: Int)
}

/// What an axis cuts into equal parts.
public enum PlanDimension: String, Hashable, Sendable {
  case heads = "attention heads"
  case paddedVocabulary = "rows of the padded vocabulary"
  case feedForward = "columns of the feed-forward block"
  case experts = "experts"
  case expertFeedForward = "columns of an expert"
}

extension PlanViolation: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notPositive(let name, let count):
      "a plan needs at least 1 of \(name), got \(count)"
    case .unevenCut(let dimension, let count, let axis, let degree):
      "\(axis.rawValue)\(degree) does not divide \(count) \(dimension.rawValue); "
        + Self.nearest(axis, nearestDivisors(of: count, to: degree))
    case .kvHeadsUneven(let kvHeads, let tensor):
      "TP\(tensor) neither divides \(kvHeads) KV heads nor is a multiple of them, which would "
        + "replicate them; " + Self.nearest(.tensor, Self.tensorDegrees(for: kvHeads, near: tensor))
    case .noExperts(let expert):
      "EP\(expert) needs experts, and the model has none; use EP1"
    case .layersUneven(let layers, let pipeline, let virtualPipeline):
      Self.layersUneven(layers, pipeline, virtualPipeline)
    case .layout(let error): error.description
    case .virtualWithoutPipeline(let virtualPipeline):
      "VPP\(virtualPipeline) needs a pipeline; use VPP1, or PP2 or more"
    case .batchUneven(let globalBatch, let microBatch, let data):
      "a global batch of \(globalBatch) sequences is no multiple of micro batch \(microBatch) · "
        + "DP\(data) = \(saturatingProduct([microBatch, data])); the nearest that are: "
        + list(nearestMultiples(of: saturatingProduct([microBatch, data]), to: globalBatch))
    case .schedule(let error):
      error.description
    case .contextUneven(let sequenceLength, let context, let chunks):
      "a sequence of \(sequenceLength) tokens cannot be cut into \(chunks) equal chunks, "
        + (chunks == context ? "one" : "two per rank to balance causal attention")
        + " with CP\(context); the nearest that can: "
        + list(nearestMultiples(of: chunks, to: sequenceLength))
    case .sequenceUneven(let sequenceLength, let context, let tensor):
      "sequence parallelism cuts a sequence of \(sequenceLength) tokens over CP\(context)·"
        + "TP\(tensor) = \(context * tensor) ranks, which does not divide it; the nearest that do: "
        + list(nearestMultiples(of: context * tensor, to: sequenceLength)) + " tokens, or SP0"
    case .expertsWithoutSequenceParallel(let tensor):
      "training experts with TP\(tensor) needs sequence parallelism, or every tensor rank would "
        + "dispatch the same tokens; write SP1 or TP1"
    case .pipelineGroupsDiffer(let data, let expertData):
      PlanError.pipelineGroupsDiffer(data: data, expertData: expertData).description
    }
  }

  private static func nearest(_ axis: PlanAxis, _ degrees: [Int]) -> String {
    degrees.count == 1
      ? "the nearest that does is \(axis.rawValue)\(degrees[0])"
      : "the nearest that do are \(list(degrees.map { "\(axis.rawValue)\($0)" }))"
  }

  /// Degrees that divide the KV heads, or are multiples of them.
  private static func tensorDegrees(for kvHeads: Int, near tensor: Int) -> [Int] {
    tensor < kvHeads
      ? nearestDivisors(of: kvHeads, to: tensor) : nearestMultiples(of: kvHeads, to: tensor)
  }

  private static func layersUneven(_ layers: Int, _ pipeline: Int, _ virtualPipeline: Int)
    -> String
  {
    let stages = pipeline * virtualPipeline
    let start =
      "\(layers) layers do not fill PP\(pipeline)·VPP\(virtualPipeline) = \(stages) stages evenly; "
    if layers % pipeline == 0 {
      return start + "with PP\(pipeline) "
        + nearest(.virtualPipeline, nearestDivisors(of: layers / pipeline, to: virtualPipeline))
    }
    return start + "of the pipelines, "
      + nearest(.pipeline, nearestDivisors(of: layers, to: pipeline))
  }
}
