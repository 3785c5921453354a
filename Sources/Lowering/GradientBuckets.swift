import Graph
import Parallelism
import Units

/// A stretch of the gradient buffer that is reduced by one collective.
///
/// Follows Megatron's `param_and_grad_buffer.py`: parameters in reverse order of definition, each
/// start aligned to 64 elements; a bucket closes once it holds `max(40e6, 1e6 · DP)` elements and is
/// padded to the least common multiple of the data-parallel degree and 128.
struct GradientBucket: Hashable, Sendable {
  /// Its parameters, as indices into the stage's shards.
  let members: [Int]
  /// Length with padding.
  let elements: Int
  let isExpert: Bool
}

/// One bucket's reduction, as the backward issues it.
struct BucketReduction {
  let kind: OperationKind
  let pass: OperationPass
  /// Indices into the stage's parameter shards.
  let parameters: Set<Int>
  /// One after the other.
  let collectives: [Collective]

  /// One of its collectives, as an operation of a chunk.
  func operation(of collective: Collective, chunk: Int, in works: inout WorkTable) -> Operation {
    Operation(
      kind: kind, pass: pass, stream: collective.family.stream,
      meeting: .collective(collective.family), chunk: chunk,
      work: works.number(of: .collective(collective)))
  }
}

extension GradientBucket {
  /// The buckets of one chunk's buffer, in the order in which the backward completes them.
  ///
  /// - Parameters:
  ///   - replicas: ranks that share the buffer, to whose number lengths are padded.
  ///   - limit: elements at which a bucket closes; nil leaves the buffer whole.
  ///   - isPadded: whether lengths are aligned for the distributed optimizer.
  static func buckets(
    of shards: [ParameterShard], chunk: Int, isExpert: Bool, replicas: Int, limit: Int?,
    isPadded: Bool
  ) -> [GradientBucket] {
    let limit = limit ?? .max
    let padding = isPadded ? leastCommonMultiple(replicas, 128) : 1
    var buckets: [GradientBucket] = []
    var members: [Int] = []
    var length = 0
    func close() {
      guard !members.isEmpty else { return }
      buckets.append(
        GradientBucket(
          members: members, elements: divided(length, by: padding) * padding, isExpert: isExpert))
      members = []
      length = 0
    }
    for (index, shard) in shards.enumerated().reversed()
    where shard.chunk == chunk && shard.isExpert == isExpert {
      if isPadded { length = divided(length, by: 64) * 64 }
      length += shard.elements
      members.append(index)
      if length >= limit { close() }
    }
    close()
    return buckets
  }
}

/// - Precondition: both are positive.
private func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
  var (x, y) = (a, b)
  while y > 0 { (x, y) = (y, x % y) }
  return a / x * b
}
