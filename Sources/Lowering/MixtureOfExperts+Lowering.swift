import Graph
import Model
import Parallelism
import Units

extension ChunkLowering {
  /// Router, dispatch, experts, combine and residual.
  ///
  /// Routing is balanced: every rank receives as many rows as it sends.
  /// - SeeAlso: Megatron-LM, `megatron/core/transformer/moe/token_dispatcher.py`.
  mutating func append(_ block: MixtureOfExperts, at input: Tape.Index) -> Tape.Index {
    let ownedByNorm = parameters.add(.feedForwardNorm, normParameters, isReplicated: true)
    let ownedByRouter = parameters.add(
      .router,
      [shape.hidden * block.experts, block.hasRouterBias ? block.experts : 0], isReplicated: true)
    let experts = addExpertParameters(block)
    let shared = addSharedParameters(block)

    let normed = appendNorm(.feedForwardNorm, at: input, owned: ownedByNorm)
    var beside = SharedBranch()
    if let shared, !shape.configuration.overlapsSharedExperts {
      beside.output = appendShared(block, at: normed, owned: shared)
    }
    let routing = appendRouting(block, at: normed, owned: ownedByRouter)
    if let shared, shape.configuration.overlapsSharedExperts {
      beside.input = appendSharedGather(at: normed)
      beside.normed = normed
      beside.parameters = shared
    }
    let exchange = TokenExchange(
      block: block, normed: normed, choice: routing.choice, probabilities: routing.probabilities,
      experts: experts)
    let restored =
      switch shape.configuration.dispatcher {
      case .allToAll: appendAllToAll(exchange, beside: &beside)
      case .allGather: appendAllGather(exchange, beside: &beside)
      case .deepEP: appendFused(exchange, beside: &beside)
      }
    let dropped = appendDropout(.feedForwardDropout, at: restored)
    return appendResidual(
      .feedForwardResidual, branch: dropped, stream: input,
      further: beside.output.map { [$0] } ?? [])
  }

  /// What every dispatcher starts from.
  struct TokenExchange {
    let block: MixtureOfExperts
    let normed: Tape.Index
    /// The node that chooses experts.
    let choice: Tape.Index
    /// The node that carries the probabilities of the chosen experts.
    let probabilities: Tape.Index
    let experts: (up: [Int], down: [Int])
  }

  /// Rows that one rank sends: its tokens times top-k, or a fixed number per expert where tokens
  /// beyond it are dropped.
  func dispatchedRows(_ block: MixtureOfExperts) -> Int {
    let rows = shape.residualTokens * block.topK
    guard let factor = shape.configuration.capacityFactor else { return rows }
    let capacity = (factor * Double(rows) / Double(block.experts)).rounded(.up)
    return block.experts * Int(capacity)
  }

  /// Whether the host must learn the routing before it can launch: not where rows are fixed.
  var isDropless: Bool { shape.configuration.capacityFactor == nil }

  /// Scores, choice and, in training, the balancing loss.
  private mutating func appendRouting(
    _ block: MixtureOfExperts, at normed: Tape.Index, owned: [Int]
  ) -> (choice: Tape.Index, probabilities: Tape.Index) {
    let tokens = shape.residualTokens
    let plan = shape.plan
    let scored = tape.append(
      .router,
      linear(
        rows: tokens, inner: shape.hidden, columns: block.experts,
        format: shape.configuration.format),
      from: [normed], parameters: owned)
    let routing = tape.append(
      .routing,
      .kernel(
        forward: shape.traffic(.routing, elements: tokens * block.experts, bytesPerElement: 24),
        backward: shape.traffic(.routing, elements: tokens * block.experts, bytesPerElement: 16)),
      from: [scored], saving: tokens * block.experts * 4,
      blocksHost: isDropless && plan.expert * plan.expertTensor == 1)
    guard shape.trains, shape.configuration.auxiliaryLoss, block.hasAuxiliaryLoss else {
      return (routing, routing)
    }
    let counts = Bytes(8 * block.experts)
    var reduced: [Tape.Index] = []
    if plan.tensor * plan.context > 1 {
      let reduce = Collective(.allReduce, over: .tensorContext, input: counts, output: counts)
      reduced = [
        tape.append(
          .routerCountReduce, .collective(forward: reduce, backward: nil, regather: nil),
          from: [], reading: [routing])
      ]
    }
    let work = shape.traffic(.routing, elements: tokens * block.experts, bytesPerElement: 4)
    let loss = tape.append(
      .auxiliaryLoss, .kernel(forward: work, backward: work), from: [routing], reading: reduced)
    return (routing, loss)
  }

  /// The routed experts over all rows that a rank holds after dispatch.
  mutating func appendExperts(
    _ block: MixtureOfExperts, rows: Int, at inputs: [Tape.Index], owned: (up: [Int], down: [Int])
  ) -> Tape.Index {
    let plan = shape.plan
    let local = block.experts / plan.expert
    let inner = divided(block.intermediateSize, by: plan.expertTensor)
    let matrices = block.isGated ? 2 : 1
    let up = tape.append(
      .expertUp, grouped(local, rows: rows, inner: shape.hidden, columns: matrices * inner),
      from: inputs, parameters: owned.up, saving: rows * shape.hidden * shape.width)
    let activated = tape.append(
      .expertActivation, activation(elements: rows * inner, isGated: block.isGated),
      from: [up] + inputs.suffix(1), saving: rows * matrices * inner * shape.width)
    return tape.append(
      .expertDown, grouped(local, rows: rows, inner: inner, columns: shape.hidden),
      from: [activated], parameters: owned.down, saving: rows * inner * shape.width)
  }

  private func grouped(_ groups: Int, rows: Int, inner: Int, columns: Int) -> TapeNode.Action {
    let format = shape.configuration.format
    return .linear(
      forward: .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: groups, rows: rows, columns: columns, inner: inner, format: format)),
      inputGradient: .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: groups, rows: rows, columns: inner, inner: columns, format: format)),
      weightGradient: .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: groups, rows: rows, columns: columns, inner: inner, format: format,
          outputWidth: 8, isWeightGradient: true)))
  }

  private mutating func addExpertParameters(_ block: MixtureOfExperts) -> (up: [Int], down: [Int]) {
    let plan = shape.plan
    let local = block.experts / plan.expert
    let inner = divided(block.intermediateSize, by: plan.expertTensor)
    let matrices = block.isGated ? 2 : 1
    let isExpert = plan.expert > 1 || plan.expertTensor != plan.tensor
    var up = [Int](repeating: shape.hidden * matrices * inner, count: local)
    var down = [Int](repeating: inner * shape.hidden, count: local)
    if block.hasExpertBias {
      up += [Int](repeating: matrices * inner, count: local)
      down += [Int](repeating: shape.hidden, count: local)
    }
    return (
      parameters.add(.expertUp, up, isExpert: isExpert),
      parameters.add(.expertDown, down, isExpert: isExpert)
    )
  }
}
