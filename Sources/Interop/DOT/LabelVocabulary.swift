import Graph
import Parallelism

/// What a phrase of a label can mean.
enum LabelMeaning: Hashable {
  case kind(OperationKind)
  case collective(CollectiveOperation)
  case send, receive
  case axis(GroupFamily)
  case pass(OperationPass)
  /// The label speaks about a part of the model without being one of its operations.
  case about(Topic)

  enum Topic: Hashable { case attention, feedForward, vocabulary, gradient, expert }
}

/// The phrases that people use in labels, written without spaces.
///
/// Longer phrases win over shorter ones at the same place.
enum LabelVocabulary {
  static let phrases: [(phrase: String, meaning: LabelMeaning)] =
    attention + feedForward + experts + ends + communication + passes

  private static let attention: [(String, LabelMeaning)] =
    named(.queryKeyValue, "qkv", "qkvproj", "qkvprojection", "qkvlinear", "queryKeyValue")
    + named(.queryKeyValue, "qproj", "kproj", "vproj", "queryprojection", "keyprojection")
    + named(.queryKeyValue, "valueprojection", "querykeyvalueprojection", "linearqkv")
    + named(.attention, "selfattention", "multiheadattention", "mha", "gqa", "flashattention")
    + named(.attention, "coreattention", "attentionscore", "attentionscores", "attentioncore")
    + named(.attention, "softmax", "scaleddotproduct", "sdpa", "attnscore", "attncore", "mla")
    + named(.attention, "groupedqueryattention", "attentioncompute", "flashattn", "selfattn")
    + named(.outputProjection, "attentionoutputprojection", "attnoutproj", "oproj", "outproj")
    + named(.outputProjection, "attentionoutput", "outputprojection", "attnoutput", "linearproj")
    + named(.outputProjection, "attentionprojection", "wo", "attentionoutproj", "attnproj")
    + named(.queryNorm, "qnorm", "querynorm", "qlayernorm")
    + named(.keyNorm, "knorm", "keynorm", "klayernorm")
    + named(.rotary, "rope", "rotary", "rotaryembedding", "rotarypositionembedding")
    + named(.attentionNorm, "inputlayernorm", "preattentionnorm", "attnnorm", "attentionnorm")
    + named(.attentionNorm, "layernorm", "rmsnorm", "norm", "layernormalization", "ln", "ln1")
    + named(.attentionNorm, "normalization", "inputnorm")
    + named(.feedForwardNorm, "postattentionlayernorm", "postattentionnorm", "premlpnorm")
    + named(.feedForwardNorm, "premlplayernorm", "ffnnorm", "mlpnorm", "ln2", "feedforwardnorm")
    + named(.attentionResidual, "attentionresidual", "attnresidual", "residual", "residualadd")
    + named(.attentionResidual, "skipconnection", "residualconnection", "add", "addnorm")
    + named(.attentionDropout, "attentiondropout", "attndropout")
    + [("attention", .about(.attention)), ("attn", .about(.attention))]

  private static let feedForward: [(String, LabelMeaning)] =
    named(.feedForwardUp, "mlp", "ffn", "feedforward", "feedforwardnetwork", "gateproj", "upproj")
    + named(.feedForwardUp, "fc1", "gateupproj", "ffnup", "mlpup", "w1", "w3", "linearfc1")
    + named(.feedForwardUp, "gateup", "upprojection", "gateprojection", "ffnlayer")
    + named(.activation, "gelu", "silu", "swiglu", "relu", "activation", "geglu")
    + named(.feedForwardDown, "downproj", "fc2", "ffndown", "mlpdown", "w2", "linearfc2")
    + named(.feedForwardDown, "downprojection")
    + named(.feedForwardResidual, "mlpresidual", "ffnresidual", "feedforwardresidual")
    + named(.feedForwardDropout, "mlpdropout", "ffndropout", "dropout")

  private static let experts: [(String, LabelMeaning)] =
    named(.router, "router", "gate", "gating", "gatingnetwork", "moerouter", "moegate")
    + named(.router, "routerlinear", "gatelinear", "expertrouter")
    + named(.routing, "topk", "routing", "expertselection", "topkrouting")
    + named(.auxiliaryLoss, "auxloss", "auxiliaryloss", "loadbalancingloss", "balancingloss")
    + named(.tokenDispatch, "dispatch", "tokendispatch", "moedispatch", "expertdispatch")
    + named(.tokenCombine, "combine", "tokencombine", "moecombine", "expertcombine")
    + named(.permute, "permute", "permutation", "tokenpermute")
    + named(.unpermute, "unpermute", "tokenunpermute", "unpermutation")
    + named(.expertUp, "expert", "experts", "moe", "expertffn", "expertmlp", "expertup")
    + named(.expertUp, "groupedgemm", "expertcompute", "expertcomputation", "expertfc1")
    + named(.expertUp, "moeexperts", "moelayer", "mixtureofexperts")
    + named(.expertActivation, "expertactivation", "expertswiglu", "expertsilu")
    + named(.expertDown, "expertdown", "expertfc2", "expertdownproj")
    + named(.sharedUp, "sharedexpert", "sharedexperts")

  private static let ends: [(String, LabelMeaning)] =
    named(.embeddingLookup, "embedding", "embeddings", "embed", "tokenembedding", "wordembedding")
    + named(.embeddingLookup, "embedtokens", "inputembedding", "embeddinglookup", "wte")
    + named(.head, "lmhead", "head", "outputhead", "logits", "unembedding", "vocabprojection")
    + named(.head, "vocabularyprojection", "outputlayer", "languagemodelhead", "outputembedding")
    + named(
      .finalNorm, "finalnorm", "finallayernorm", "finalrmsnorm", "lnf", "finallayernormalization")
    + named(.finalNorm, "outputnorm", "modelnorm")
    + named(.loss, "loss", "crossentropy", "crossentropyloss", "lossfunction")
    + named(.sampling, "sampling", "sample", "argmax")
    + named(.optimizer, "optimizer", "adam", "adamw", "optimizerstep", "weightupdate")
    + [
      ("vocab", .about(.vocabulary)), ("vocabulary", .about(.vocabulary)),
      ("final", .about(.vocabulary)), ("lm", .about(.vocabulary)),
    ]

  private static let communication: [(String, LabelMeaning)] =
    [
      ("allreduce", .collective(.allReduce)), ("ar", .collective(.allReduce)),
      ("alltoall", .collective(.allToAll)), ("a2a", .collective(.allToAll)),
      ("alltoallv", .collective(.allToAll)), ("all2all", .collective(.allToAll)),
      ("allgather", .collective(.allGather)), ("ag", .collective(.allGather)),
      ("reducescatter", .collective(.reduceScatter)), ("rs", .collective(.reduceScatter)),
      ("broadcast", .collective(.broadcast)), ("bcast", .collective(.broadcast)),
      ("send", .send), ("isend", .send), ("p2p", .send), ("p2psend", .send), ("ppsend", .send),
      ("sendrecv", .send), ("pipelinesend", .send), ("sendreceive", .send),
      ("recv", .receive), ("receive", .receive), ("irecv", .receive), ("p2precv", .receive),
      ("pprecv", .receive), ("pipelinerecv", .receive), ("p2preceive", .receive),
      ("tp", .axis(.tensor)), ("tensorparallel", .axis(.tensor)),
      ("tensormodelparallel", .axis(.tensor)), ("ep", .axis(.expert)),
      ("expertparallel", .axis(.expert)), ("etp", .axis(.expertTensor)),
      ("dp", .axis(.dataContext)), ("dataparallel", .axis(.dataContext)),
      ("edp", .axis(.expertData)), ("pp", .axis(.pipeline)),
      ("pipelineparallel", .axis(.pipeline)), ("cp", .axis(.context)),
      ("contextparallel", .axis(.context)),
    ]

  private static let passes: [(String, LabelMeaning)] =
    [
      ("backward", .pass(.inputGradient)), ("bwd", .pass(.inputGradient)),
      ("dgrad", .pass(.inputGradient)), ("inputgradient", .pass(.inputGradient)),
      ("inputgrad", .pass(.inputGradient)), ("backprop", .pass(.inputGradient)),
      ("wgrad", .pass(.weightGradient)), ("weightgradient", .pass(.weightGradient)),
      ("weightgrad", .pass(.weightGradient)), ("forward", .pass(.forward)),
      ("fwd", .pass(.forward)), ("gradient", .about(.gradient)), ("gradients", .about(.gradient)),
      ("grad", .about(.gradient)), ("grads", .about(.gradient)),
      ("gradientsync", .about(.gradient)),
    ]

  private static func named(_ kind: OperationKind, _ phrases: String...)
    -> [(String, LabelMeaning)]
  {
    phrases.map { ($0.lowercased(), .kind(kind)) }
  }

  static let byPhrase: [String: LabelMeaning] = Dictionary(
    phrases.map { ($0.phrase, $0.meaning) }, uniquingKeysWith: { first, _ in first })

  /// The length of the longest phrase, which bounds the search.
  static let longest = phrases.reduce(0) { max($0, $1.phrase.count) }
}
