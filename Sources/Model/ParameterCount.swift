/// The exact number of parameters of a model, by part.
///
/// Correction biases count as parameters though no gradient reaches them, as they do in published
/// checkpoints. Nothing is padded.
public struct ParameterCount: Hashable, Sendable {
  /// The embedding table.
  public var embedding: Int
  /// The table of learned positions; 0 where positions are rotated.
  public var positions: Int
  /// The decoder layers, in order.
  public var layers: [LayerParameterCount]
  /// The normalization behind the last layer.
  public var finalNorm: Int
  /// The output head; 0 where it is the embedding table.
  public var head: Int
  /// The multi-token-prediction modules, without the embedding and head they share with the model.
  ///
  /// Each is a layer like the last one, a projection of two hidden states to one, and three norms
  /// (DeepSeek-V3 report, section 2.2). Not part of any total below.
  public var multiTokenPrediction: Int

  /// Every parameter of the main model.
  public var total: Int {
    layers.reduce(embedding + positions + finalNorm + head) { $0 + $1.total }
  }

  /// The parameters that one token uses: of the routed experts only those it visits.
  public var active: Int {
    layers.reduce(embedding + positions + finalNorm + head) { $0 + $1.active }
  }

  /// The parameters that one token multiplies: `active` without tables it only looks up.
  ///
  /// A tied embedding table stays, since it is multiplied as the head.
  public var activeWithoutInputEmbedding: Int {
    active - positions - (head == 0 ? 0 : embedding)
  }
}

/// The exact number of parameters of one decoder layer, by part.
public struct LayerParameterCount: Hashable, Sendable {
  /// The projections of attention with their biases, and the sinks.
  public var attentionProjections: Int
  /// The norms inside attention: of query and key heads, or of the latents.
  public var attentionNorm: Int
  /// The two norms of the residual stream.
  public var norms: Int
  /// The router with its bias and correction bias; 0 in a dense layer.
  public var router: Int
  /// One routed expert; 0 in a dense layer.
  public var expert: Int
  /// Routed experts of the layer; 0 in a dense layer.
  public var experts: Int
  /// Routed experts that a token visits; 0 in a dense layer.
  public var topK: Int
  /// The experts that every token visits, with their gate.
  public var sharedExperts: Int
  /// The dense feed-forward block; 0 in a layer of experts.
  public var dense: Int

  /// Attention with its inner norms.
  public var attention: Int { attentionProjections + attentionNorm }
  /// Every parameter of the layer.
  public var total: Int { common + experts * expert }
  /// The parameters that one token uses.
  public var active: Int { common + topK * expert }

  private var common: Int { attention + norms + router + sharedExperts + dense }
}
