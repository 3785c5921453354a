public import Cost
public import Graph
public import Hardware
public import Units

/// One collective, or one exchange of tokens with their experts, to price.
public enum CollectiveQuery: Hashable, Sendable {
  /// A call of NCCL; the overhead is what a framework adds that times it from outside.
  case library(
    CollectiveOperation, size: Bytes, placement: GroupPlacement, fabric: CollectiveFabric,
    overhead: Seconds)
  /// DeepEP's kernels.
  case experts(ExpertExchange, isLowLatency: Bool, cluster: Cluster)

  /// The price, with the terms that make it up.
  public func price() -> Price {
    switch self {
    case .library(let operation, let size, let placement, let fabric, let overhead):
      let cost = collectiveCost(of: operation, size: size, placement: placement, fabric: fabric)
      var terms = [
        Price.Term("start-up and hops", cost.latency), Price.Term("transfer", cost.transfer),
        Price.Term("filling the pipeline", cost.fill),
      ]
      if overhead > .zero { terms.append(Price.Term("framework", overhead)) }
      let choice = cost.choice.map {
        "\($0.algorithm.label) \($0.transferProtocol), \($0.channels) channels"
      }
      return Price(time: cost.time + overhead, terms: terms, choice: choice, spread: 0.14)
    case .experts(let exchange, let isLowLatency, let cluster):
      let time =
        isLowLatency
        ? lowLatencyExchangeTime(of: exchange, on: cluster)
        : normalExchangeTime(of: exchange, on: cluster)
      return Price(
        time: time, terms: [Price.Term("exchange", time)],
        choice: isLowLatency ? "low-latency kernels" : "normal kernels", spread: 0.25)
    }
  }
}

extension NCCLAlgorithm {
  /// For example `nvls-tree`, as reports and command lines spell it.
  public var label: String { self == .nvlsTree ? "nvls-tree" : rawValue }
}
