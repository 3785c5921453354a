public import Model
public import Parallelism
public import Units

/// What one sequence's cached keys and values take on one rank of a pipeline stage.
///
/// Tensor parallelism splits key-value heads until each rank has one and then copies them; a latent
/// has no heads and is copied on every rank. Context parallelism splits the positions. A layer with
/// a sliding window keeps only the window.
public struct KeyValueCacheShare: Hashable, Sendable {
  /// Elements that one position adds, over the layers without a window.
  private var perToken = 0
  /// Per layer with a window: elements of one position, and positions kept.
  private var windowed: [Windowed] = []
  private let context: Int

  private struct Windowed: Hashable, Sendable {
    let elements: Int
    let window: Int
  }

  /// - Parameters:
  ///   - layers: the layers of the stage.
  ///   - plan: how heads and positions are split.
  public init(of layers: [TransformerLayer], under plan: ParallelPlan) {
    context = plan.context
    for layer in layers {
      switch layer.attention {
      case .latent: perToken += layer.attention.cachedElements
      case .groupedQuery(let attention):
        let heads = max(1, (attention.keyValueHeads + plan.tensor - 1) / plan.tensor)
        let elements = 2 * heads * attention.headDimension
        if let window = attention.slidingWindow {
          windowed.append(Windowed(elements: elements, window: window))
        } else {
          perToken += elements
        }
      }
    }
  }

  /// Bytes of one sequence of so many tokens.
  public func bytes(tokens: Int, format: NumericFormat) -> Bytes {
    let split = { (positions: Int) in (positions + self.context - 1) / self.context }
    let elements = windowed.reduce(perToken * split(tokens)) {
      $0 + $1.elements * split(min(tokens, $1.window))
    }
    return Bytes(elements * format.width)
  }
}
