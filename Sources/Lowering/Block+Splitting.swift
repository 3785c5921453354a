import Graph

extension Block {
  /// Cuts a backward in two: the chain of input gradients, and the weight gradients with the regathers
  /// that only they need and the reductions that they complete.
  ///
  /// Nothing is added or lost; a weight gradient waits for the input gradient that made its operand
  /// across the cut.
  func split(chunk: Int) -> (inputs: Block, weights: Block) {
    var inputs = Block(.gradient)
    var weights = Block(nil)
    // For each operation, how the weight half names it.
    var names: [Dependency] = []
    // For each operation of the input half, its place there.
    var places = [Int32](repeating: -1, count: operations.count)
    for (index, operation) in operations.enumerated() {
      if operation.isExported {
        names.append(.earlier(.gradient, chunk: chunk, ordinal: Int32(inputs.operations.count)))
        let needed = dependencies(of: index).map { dependency in
          guard case .local(let local) = dependency else { return dependency }
          precondition(places[Int(local)] >= 0, "an input gradient waits for a weight gradient")
          return .local(places[Int(local)])
        }
        places[index] = inputs.append(operation, after: needed)
      } else {
        let needed = dependencies(of: index).map { dependency in
          guard case .local(let local) = dependency else { return dependency }
          return names[Int(local)]
        }
        names.append(.local(weights.append(operation, after: needed)))
      }
    }
    inputs.result = result.map { exported($0, chunk: chunk) }
    return (inputs, weights)
  }
}
