import Graph
import Units

extension Tape {
  /// A tape whose linear layers multiply quantized operands.
  ///
  /// Each product's input is cast in the forward and its output's gradient in the backward, in both
  /// orientations at once because the weight gradient needs the transpose; one scale per tensor takes
  /// a pass over it first. Collectives keep the format of activations. What a product saves is its
  /// cast input.
  /// - SeeAlso: TransformerEngine's `Float8CurrentScaling`, `Float8BlockScaling`, `MXFP8BlockScaling`.
  func quantizing(_ precision: Precision) -> Tape {
    guard precision.quantizes else { return self }
    return rewriting { tape, _, node, _ in
      guard case .linear(let forward, let inputGradient, let weightGradient) = node.action,
        precision.quantizes(node.kind), let operands = forward.operands
      else { return Replacement(outputs: [tape.append(node)]) }
      tape.layer = node.layer
      tape.stream = node.stream
      var inputs = node.inputs
      for kernel in precision.casts(of: operands.input) {
        inputs = [
          tape.append(kernel.kind, .kernel(forward: kernel.work, backward: nil), from: inputs)
        ]
      }
      var output = tape.append(
        TapeNode(
          kind: node.kind, layer: node.layer,
          action: .linear(
            forward: forward.quantized, inputGradient: inputGradient?.quantized,
            weightGradient: weightGradient.quantized),
          inputs: inputs, sideInputs: node.sideInputs, parameters: node.parameters,
          saved: node.saved / 2, blocksHost: node.blocksHost,
          delaysBackwardOf: node.delaysBackwardOf, stream: node.stream))
      // Gradients come from the end: the last node appended is the first of the backward.
      for kernel in precision.casts(of: operands.output).reversed() {
        output = tape.append(
          kernel.kind, .kernel(forward: nil, backward: kernel.work), from: [output])
      }
      return Replacement(outputs: [output])
    }
  }
}

extension Precision {
  /// The kernels that cast a tensor: two bytes read, one written twice, and its scales.
  fileprivate func casts(of elements: Int) -> [(kind: OperationKind, work: Work)] {
    let scales = elementsPerScale.map { 2 * scaleWidth * elements / $0 } ?? 0
    let cast = Work.memoryBound(
      MemoryTraffic(.quantize, bytes: Bytes((activations.width + 2) * elements + scales)))
    guard self == .fp8Tensorwise else { return [(.quantize, cast)] }
    let scan = Work.memoryBound(
      MemoryTraffic(.quantize, bytes: Bytes(activations.width * elements)))
    return [(.magnitude, scan), (.quantize, cast)]
  }
}

extension Work {
  /// Elements of the left operand and of the output of a product.
  fileprivate var operands: (input: Int, output: Int)? {
    switch self {
    case .matrixMultiply(let product):
      (product.rows * product.inner, product.rows * product.columns)
    case .groupedMatrixMultiply(let product):
      (product.rows * product.inner, product.rows * product.columns)
    default: nil
    }
  }

  /// The same product of fp8 operands.
  fileprivate var quantized: Work {
    switch self {
    case .matrixMultiply(let product):
      .matrixMultiply(
        MatrixMultiply(
          rows: product.rows, columns: product.columns, inner: product.inner, format: .fp8,
          outputWidth: product.outputWidth))
    case .groupedMatrixMultiply(let product):
      .groupedMatrixMultiply(
        GroupedMatrixMultiply(
          groups: product.groups, rows: product.rows, columns: product.columns,
          inner: product.inner, format: .fp8, outputWidth: product.outputWidth,
          isWeightGradient: product.isWeightGradient))
    default: self
    }
  }
}
