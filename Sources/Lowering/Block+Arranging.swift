import Graph

/// A block whose operations stand in the order of the parts of its layers, so that the parts of two
/// blocks can be issued in turns.
struct ArrangedBlock {
  let block: Block
  /// Layers in the block; part 0 precedes them, part `layers + 1` follows them.
  let layers: Int
  /// The stretch of each part, by layer and place in the layer.
  private let stretches: [Range<Int>]

  /// Sorts a block by the parts of its layers, keeping the order inside each.
  ///
  /// A reduction goes where the last of its gradients does, a cast where its operand does.
  init(_ original: Block, layers range: Range<Int>, dispatcher: ExpertDispatcher) {
    layers = range.count
    let keys = original.partNumbers(of: range, under: dispatcher)
    let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    block = original.reordered(order)
    var stretches: [Range<Int>] = []
    var start = 0
    for part in 0..<(range.count + 2) * LayerPart.count {
      var end = start
      while end < order.count, keys[order[end]] == part { end += 1 }
      stretches.append(start..<end)
      start = end
    }
    self.stretches = stretches
  }

  /// Everything before the layers.
  var opening: Range<Int> { stretches[0] }
  /// Everything behind the layers.
  var closing: Range<Int> { stretches[(layers + 1) * LayerPart.count] }

  /// A part of a layer, counted in the block's direction; empty past the last.
  func stretch(_ part: LayerPart, ofLayer layer: Int) -> Range<Int> {
    layer < layers ? stretches[(layer + 1) * LayerPart.count + part.rawValue] : 0..<0
  }
}

extension Block {
  /// For each operation, the number of its layer in the block's direction and its part there, as
  /// `layer · parts + part`.
  fileprivate func partNumbers(of range: Range<Int>, under dispatcher: ExpertDispatcher) -> [Int] {
    var keys: [Int] = []
    var hasBegun = false
    for (index, operation) in operations.enumerated() {
      if operation.isPlacedByOperands, operation.pass != .recompute {
        let needed = dependencies(of: index).compactMap { dependency in
          if case .local(let local) = dependency { keys[Int(local)] } else { nil }
        }
        keys.append(needed.max() ?? 0)
        continue
      }
      // What is computed again comes where the first gradient needs it.
      let user =
        operation.pass != .recompute
        ? operation
        : operations[index...].first { $0.pass == .inputGradient && !$0.isPlacedByOperands }
          ?? operation
      if let layer = user.layer, range.contains(layer) {
        hasBegun = true
        let number =
          part == .forward ? layer - range.lowerBound : range.upperBound - 1 - layer
        let part = LayerPart(of: user, under: dispatcher)
        keys.append((number + 1) * LayerPart.count + part.rawValue)
      } else {
        keys.append(hasBegun || range.isEmpty ? (range.count + 1) * LayerPart.count : 0)
      }
    }
    return keys
  }

  /// The same operations in another order.
  ///
  /// - Precondition: no operation comes before one that it waits for.
  fileprivate func reordered(_ order: [Int]) -> Block {
    var places = [Int32](repeating: -1, count: order.count)
    for (place, index) in order.enumerated() { places[index] = Int32(place) }
    var block = Block(part)
    for index in order {
      let needed = dependencies(of: index).map { dependency in
        guard case .local(let local) = dependency else { return dependency }
        precondition(
          places[Int(local)] < places[index],
          "\(operations[index]) is placed before \(operations[Int(local)]), which it waits for")
        return .local(places[Int(local)])
      }
      block.append(operations[index], after: needed)
    }
    block.export(exports.map { places[Int($0)] })
    block.result = result
    return block
  }
}

extension Operation {
  /// Whether an operation belongs to no part of its own but to that of what it works on.
  fileprivate var isPlacedByOperands: Bool {
    switch kind {
    case .magnitude, .quantize, .gradientReduce, .expertGradientReduce: true
    default: pass == .step
    }
  }
}
