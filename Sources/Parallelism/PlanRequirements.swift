/// The numbers of a model and a step that a plan has to divide. A nil is not checked.
public struct PlanRequirements: Hashable, Sendable {
  /// Query heads.
  public var heads: Int?
  /// Key/value heads; equal to `heads` without grouped-query attention.
  public var kvHeads: Int?
  public var layers: Int?
  /// Which layers each stage holds.
  public var layout: PipelineLayout
  /// Rows of the embedding after padding.
  public var paddedVocabulary: Int?
  /// Width of a dense feed-forward block.
  public var feedForward: Int?
  /// Routed experts per layer; nil for a dense model.
  public var experts: Int?
  /// Width of one expert.
  public var expertFeedForward: Int?
  /// Tokens per sequence.
  public var sequenceLength: Int?
  /// Whether attention is causal, so that context parallelism balances chunks in pairs.
  public var causal: Bool
  /// Sequences per microbatch and data-parallel rank.
  public var microBatchSize: Int?
  /// Sequences per step over all ranks.
  public var globalBatchSize: Int?
  /// The order of the pipeline; nil skips the rules of schedules.
  public var schedule: PipelineSchedule?
  /// Whether forward and backward of two microbatches run together to hide their all-to-alls.
  public var overlapsExperts: Bool
  /// Whether gradients are computed.
  public var training: Bool

  public init(
    heads: Int? = nil, kvHeads: Int? = nil, layers: Int? = nil,
    layout: PipelineLayout = .even, paddedVocabulary: Int? = nil,
    feedForward: Int? = nil, experts: Int? = nil, expertFeedForward: Int? = nil,
    sequenceLength: Int? = nil, causal: Bool = true, microBatchSize: Int? = nil,
    globalBatchSize: Int? = nil, schedule: PipelineSchedule? = nil,
    overlapsExperts: Bool = false, training: Bool = true
  ) {
    self.heads = heads
    self.kvHeads = kvHeads
    self.layers = layers
    self.layout = layout
    self.paddedVocabulary = paddedVocabulary
    self.feedForward = feedForward
    self.experts = experts
    self.expertFeedForward = expertFeedForward
    self.sequenceLength = sequenceLength
    self.causal = causal
    self.microBatchSize = microBatchSize
    self.globalBatchSize = globalBatchSize
    self.schedule = schedule
    self.overlapsExperts = overlapsExperts
    self.training = training
  }

  /// The numbers by name, for refusing those below 1.
  var counts: [(name: String, count: Int?)] {
    [
      ("attention heads", heads), ("KV heads", kvHeads), ("layers", layers),
      ("rows of the padded vocabulary", paddedVocabulary),
      ("columns of the feed-forward block", feedForward), ("experts", experts),
      ("columns of an expert", expertFeedForward), ("tokens per sequence", sequenceLength),
      ("sequences per microbatch", microBatchSize), ("sequences per step", globalBatchSize),
    ]
  }
}
