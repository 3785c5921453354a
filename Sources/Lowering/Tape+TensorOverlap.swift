import Graph
import Parallelism
import Units

extension Tape {
  /// A tape whose tensor-parallel gathers and scatters run in as many parts as there are ranks, each
  /// beside the product of another part.
  ///
  /// A product that follows a gather begins with the first part; a scatter sends off each part of the
  /// product before it. Backwards pipeline the same way, duals of one another. Bytes and FLOPs are
  /// conserved; the weight gradient is computed in parts too, which TransformerEngine does not do.
  /// - SeeAlso: TransformerEngine's userbuffers, `--tp-comm-overlap`.
  func overlappingTensor(parts: Int) -> Tape {
    guard parts > 1 else { return self }
    let split = nodesToSplit(parts: parts)
    return rewriting { tape, index, node, inputs in
      guard split[index] else { return Replacement(outputs: [tape.append(node)]) }
      let outputs = (0..<parts).map { part -> Index in
        let sources =
          inputs.count == 1 && inputs[0].isSplit ? [inputs[0].outputs[part]] : node.inputs
        return tape.append(node.part(part, of: parts, from: sources))
      }
      return Replacement(outputs: outputs, isSplit: true)
    }
  }

  /// Products of layers beside tensor-parallel collectives, and these collectives.
  private func nodesToSplit(parts: Int) -> [Bool] {
    var split = [Bool](repeating: false, count: nodes.count)
    for (index, node) in nodes.enumerated() where node.layer != nil && node.inputs.count == 1 {
      let source = node.inputs[0]
      if node.isProduct(divisibleBy: parts), nodes[source].isTensorExchange(.allGather) {
        let users = nodes.count { $0.inputs.contains(source) }
        if users == 1 { (split[source], split[index]) = (true, true) }
      }
      if node.isTensorExchange(.reduceScatter), nodes[source].isProduct(divisibleBy: parts) {
        (split[source], split[index]) = (true, true)
      }
    }
    return split
  }

  /// Appends a node as it is.
  @discardableResult mutating func append(_ node: TapeNode) -> Index {
    layer = node.layer
    stream = node.stream
    return append(
      node.kind, node.action, from: node.inputs, reading: node.sideInputs,
      parameters: node.parameters, saving: node.saved.count, blocksHost: node.blocksHost,
      delaysBackwardOf: node.delaysBackwardOf)
  }
}

extension TapeNode {
  fileprivate func isTensorExchange(_ operation: CollectiveOperation) -> Bool {
    guard case .collective(let forward?, .some, _) = action else { return false }
    return forward.operation == operation && forward.family == .tensor
  }

  fileprivate func isProduct(divisibleBy parts: Int) -> Bool {
    guard case .linear(.matrixMultiply(let product), _, _) = action else { return false }
    return product.rows % parts == 0
  }

  /// One of several equal parts: of a product by rows, of a collective by bytes. Parameters and saved
  /// activations stay with the first part, whose backward comes last.
  fileprivate func part(_ part: Int, of parts: Int, from inputs: [Tape.Index]) -> TapeNode {
    let action: Action =
      switch self.action {
      case .linear(let forward, let inputGradient, let weightGradient):
        .linear(
          forward: forward.rows(dividedBy: parts),
          inputGradient: inputGradient?.rows(dividedBy: parts),
          weightGradient: weightGradient.inner(dividedBy: parts))
      case .collective(let forward, let backward, let regather):
        .collective(
          forward: forward?.divided(by: parts), backward: backward?.divided(by: parts),
          regather: regather?.divided(by: parts))
      case .kernel, .receive, .send, .take, .handOver: self.action
      }
    return TapeNode(
      kind: kind, layer: layer, action: action, inputs: inputs, sideInputs: sideInputs,
      parameters: part == 0 ? parameters : [], saved: part == 0 ? saved : .zero,
      blocksHost: blocksHost, delaysBackwardOf: delaysBackwardOf, stream: stream)
  }
}

extension Work {
  fileprivate func rows(dividedBy parts: Int) -> Work {
    guard case .matrixMultiply(let product) = self else { return self }
    return .matrixMultiply(
      MatrixMultiply(
        rows: product.rows / parts, columns: product.columns, inner: product.inner,
        format: product.format, outputWidth: product.outputWidth))
  }

  fileprivate func inner(dividedBy parts: Int) -> Work {
    guard case .matrixMultiply(let product) = self else { return self }
    return .matrixMultiply(
      MatrixMultiply(
        rows: product.rows, columns: product.columns, inner: product.inner / parts,
        format: product.format, outputWidth: product.outputWidth))
  }
}

extension Collective {
  fileprivate func divided(by parts: Int) -> Collective {
    Collective(
      operation, over: family, input: input / parts, output: output / parts,
      isVariable: isVariable)
  }
}
