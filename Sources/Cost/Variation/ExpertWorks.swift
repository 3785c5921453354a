import Graph
import Parallelism
import Units

/// Which entries of a step's costs hold what ranks with more or fewer tokens take for the work of experts.
public struct ExpertWorks: Hashable, Sendable {
  /// By work of the graph, the work that prices it for operations on routed rows; itself where the load
  /// does not matter.
  public let works: [Int32]
  /// By rank, its place in its expert-parallel group: the index of a kernel's entry.
  public let places: [Int32]
}

extension OperationKind {
  /// Whether it moves or computes as many rows as the experts of a rank are asked for.
  var followsRouting: Bool {
    switch self {
    case .tokenDispatch, .probabilityDispatch, .expertTokenGather, .expertProbabilityGather,
      .expertSort, .expertUp, .expertActivation, .expertDown, .expertUnsort, .expertScatter,
      .tokenCombine:
      true
    default: false
    }
  }
}

extension Collective {
  /// Whether its bytes follow the load: exchanges do, and gathers over the shards of one expert; an
  /// all-gather of all tokens does not.
  var followsRouting: Bool { operation == .allToAll || family == .expertTensor }

  /// The same call with so many times the rows.
  func carrying(_ load: Double) -> Collective {
    Collective(
      operation, over: family, input: input.carrying(load), output: output.carrying(load),
      isVariable: isVariable, routing: routing?.carrying(load))
  }
}

extension Work {
  /// The same kernel with so many times the rows.
  func carrying(_ load: Double) -> Work {
    switch self {
    case .groupedMatrixMultiply(let product):
      .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: product.groups, rows: max(1, Int((Double(product.rows) * load).rounded())),
          columns: product.columns, inner: product.inner, format: product.format,
          outputWidth: product.outputWidth, isWeightGradient: product.isWeightGradient))
    case .memoryBound(let traffic):
      .memoryBound(MemoryTraffic(traffic.kernel, bytes: traffic.bytes.carrying(load)))
    case .collective(let collective): .collective(collective.carrying(load))
    case .matrixMultiply, .attention, .transfer: self
    }
  }
}

extension TokenRouting {
  fileprivate func carrying(_ load: Double) -> TokenRouting {
    TokenRouting(
      direction, tokens: Int((Double(tokens) * load).rounded()), hidden: hidden, topK: topK,
      format: format)
  }
}

extension Bytes {
  fileprivate func carrying(_ load: Double) -> Bytes {
    load == 1 ? self : Bytes(Int((Double(count) * load).rounded()))
  }
}

extension StepGraph {
  /// By work, whether an operation on routed rows does it.
  var followsRouting: [Bool] {
    var follows = [Bool](repeating: false, count: works.count)
    for program in programs {
      for operation in program.operations where operation.kind.followsRouting {
        follows[operation.work] = true
      }
    }
    return follows
  }
}
