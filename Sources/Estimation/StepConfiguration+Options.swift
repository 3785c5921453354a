public import Graph
import Parallelism
import Units

extension StepConfiguration {
  /// The options that differ from the defaults, each in a few words, in a fixed order.
  public var optionLabels: [String] {
    let exchange: String? =
      switch contextExchange {
      case .ring: nil
      case .allGather: "CP by all-gather"
      case .allToAll: "CP by all-to-all"
      case .hierarchical(let inner): "CP by all-to-all over \(inner), ring between"
      }
    return [
      precision == .bf16 ? nil : precision.rawValue, layout.optionLabel, sharding.optionLabel,
      shardingDegree.map { "sharded over \($0) ranks" }, recomputation.optionLabel, exchange,
      dispatcher == .allToAll ? nil : "\(dispatcher.rawValue) dispatcher",
      capacityFactor.map { "capacity factor \(fixed($0, 2))" },
      multiTokenPrediction ? "MTP" : nil, overlapsTensor ? "TP overlap" : nil,
      overlapsExperts ? "EP overlap" : nil,
      overlapsSharedExperts ? "shared experts beside the all-to-all" : nil,
      overlapsMessages ? nil : "blocking pipeline messages",
      overlapsGradientReduce ? nil : "late gradient reduction",
      overlapsParameterGather ? nil : "late parameter gather",
      optimizerOffload > 0
        ? "\(fixed(100 * optimizerOffload, 0)) % of the optimizer offloaded" : nil,
      activationOffloadLayers > 0
        ? "activations of \(activationOffloadLayers) layers per chunk offloaded" : nil,
    ].compactMap { $0 }
  }
}

extension PipelineLayout {
  fileprivate var optionLabel: String? {
    switch self {
    case .even: nil
    case .counting(true, true): "embedding and loss counted as layers"
    case .counting(let embedding, _): "\(embedding ? "embedding" : "loss") counted as a layer"
    case .ends, .custom: "uneven layout"
    }
  }
}

extension DataSharding {
  fileprivate var optionLabel: String? {
    switch self {
    case .none: "ZeRO-0"
    case .optimizer: nil
    case .gradients: "ZeRO-2"
    case .parameters: "ZeRO-3 (FSDP)"
    }
  }
}

extension Recomputation {
  fileprivate var optionLabel: String? {
    switch self {
    case .none: return nil
    case .selective(let modules):
      return "recomputing " + modules.map(\.rawValue).sorted().joined(separator: ", ")
    case .uniform(let interval): return "full recomputation, uniform \(interval)"
    case .block(let layers): return "full recomputation of \(layers) layers per chunk"
    }
  }
}
