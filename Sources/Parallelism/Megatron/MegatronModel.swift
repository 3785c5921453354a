/// What Megatron's flags say about the model; nil where a flag is absent.
public struct MegatronModel: Hashable, Sendable {
  /// `--num-layers`.
  public let layers: Int?
  /// `--hidden-size`.
  public let hidden: Int?
  /// Width of a dense feed-forward block, `--ffn-hidden-size`.
  public let feedForward: Int?
  /// Query heads, `--num-attention-heads`.
  public let heads: Int?
  /// Key/value heads; the query heads without `--group-query-attention`.
  public let kvHeads: Int?
  /// Width of one head, `--kv-channels`.
  public let headWidth: Int?
  /// Rows of the vocabulary before padding, `--vocab-size`.
  public let vocabulary: Int?
  /// `--make-vocab-size-divisible-by`.
  public let vocabularyDivisor: Int?
  /// `--max-position-embeddings`.
  public let maxPositions: Int?
  /// `--untie-embeddings-and-output-weights`.
  public let untiesEmbeddings: Bool?
  /// `--swiglu`.
  public let usesSwiGLU: Bool?
  /// `--qk-layernorm`.
  public let normalizesQueriesAndKeys: Bool?
  /// Routed experts per layer, `--num-experts`.
  public let experts: Int?
  /// Experts per token, `--moe-router-topk`.
  public let expertTopK: Int?
  /// Width of one expert, `--moe-ffn-hidden-size`.
  public let expertFeedForward: Int?
  /// Width of the shared experts together, `--moe-shared-expert-intermediate-size`.
  public let sharedExpertFeedForward: Int?
  /// `--moe-layer-freq` as written: a number or a Python list expression.
  public let expertLayerFrequency: String?

  init(_ reader: inout MegatronFlagReader) throws(MegatronError) {
    layers = try reader.count("num-layers")
    hidden = try reader.count("hidden-size")
    feedForward = try reader.count("ffn-hidden-size")
    heads = try reader.count("num-attention-heads")
    let grouped = try reader.isOn("group-query-attention")
    let groups = try reader.count("num-query-groups")
    kvHeads = grouped == false ? heads : groups ?? heads
    headWidth = try reader.count("kv-channels")
    vocabulary = try reader.count("vocab-size")
    vocabularyDivisor = try reader.count("make-vocab-size-divisible-by")
    maxPositions = try reader.count("max-position-embeddings")
    untiesEmbeddings = try reader.isOn("untie-embeddings-and-output-weights")
    usesSwiGLU = try reader.isOn("swiglu")
    normalizesQueriesAndKeys = try reader.isOn("qk-layernorm")
    experts = try reader.count("num-experts", "num-moe-experts")
    expertTopK = try reader.count("moe-router-topk")
    expertFeedForward = try reader.count("moe-ffn-hidden-size")
    sharedExpertFeedForward = try reader.count("moe-shared-expert-intermediate-size")
    expertLayerFrequency = try reader.word("moe-layer-freq")
  }

  /// The vocabulary padded to a multiple of the divisor (128 unless given) times TP.
  public func paddedVocabulary(tensor: Int) -> Int? {
    guard let vocabulary else { return nil }
    let multiple = saturatingProduct([vocabularyDivisor ?? 128, tensor])
    let (padded, overflow) = vocabulary.addingReportingOverflow(
      (multiple - vocabulary % multiple) % multiple)
    return overflow ? nil : padded
  }
}
