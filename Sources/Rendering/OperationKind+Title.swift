public import Graph
import Parallelism

extension OperationKind {
  /// The name that people read, for example `QKV projection`.
  public var title: String {
    switch self {
    case .queryKeyValue: "QKV projection"
    case .queryNorm: "Q norm"
    case .keyNorm: "K norm"
    case .rotary: "rotary embedding"
    case .attention: "core attention"
    case .attentionDropout, .feedForwardDropout, .embeddingDropout: "dropout"
    case .attentionResidual, .feedForwardResidual: "residual add"
    case .queryDown: "Q down-projection"
    case .queryUp: "Q up-projection"
    case .queryLatentNorm: "Q latent norm"
    case .keyValueDown: "KV down-projection"
    case .keyValueUp: "KV up-projection"
    case .queryToLatent: "Q into the KV latent"
    case .latentToValue: "KV latent into V"
    case .keyValueLatentNorm: "KV latent norm"
    case .feedForwardNorm: "pre-MLP norm"
    case .feedForwardUp: "MLP up-projection"
    case .feedForwardDown: "MLP down-projection"
    case .activation, .expertActivation, .sharedActivation: "SwiGLU"
    case .router: "router projection"
    case .routing: "top-k scores"
    case .auxiliaryLoss: "auxiliary loss"
    case .permute: "permute tokens"
    case .unpermute: "un-permute tokens"
    case .expertSort: "sort by expert"
    case .expertUnsort: "un-sort"
    case .expertUp: "expert up-projection"
    case .expertDown: "expert down-projection"
    case .sharedUp: "shared up-projection"
    case .sharedDown: "shared down-projection"
    case .head: "output projection (head)"
    default: label.split(separator: "_").joined(separator: " ")
    }
  }
}

extension CollectiveOperation {
  /// The name that people read, for example `all-gather`.
  public var title: String { rawValue.split(separator: "_").joined(separator: "-") }

  /// The field's abbreviation.
  var abbreviation: String {
    switch self {
    case .allReduce: "AR"
    case .allGather: "AG"
    case .reduceScatter: "RS"
    case .allToAll: "A2A"
    case .broadcast: "BC"
    case .ringExchange: "RING"
    }
  }
}

extension StepGraph {
  /// What an operation does in words: for a collective the call and the axis, then what it is for.
  public func title(of operation: Graph.Operation) -> String {
    let suffix =
      switch operation.pass {
      case .forward, .step: ""
      case .recompute: " (recomputed)"
      case .inputGradient: operation.meeting == .none ? " dgrad" : " (backward)"
      case .weightGradient: operation.meeting == .none ? " wgrad" : " (for wgrad)"
      }
    guard case .collective(let collective) = works[operation.work] else {
      return operation.kind.title + suffix
    }
    return
      "\(collective.operation.title) \(collective.family.label): \(operation.kind.title)\(suffix)"
  }
}
