/// The lengths, in elements, of the buckets in which one buffer of gradients is reduced.
///
/// Parameters are taken in reverse order, each start aligned to 64 elements; a bucket closes once
/// its length reaches the limit, padded to a multiple of lcm(ranks, 128). Without a limit the buffer
/// is one bucket. Only a distributed optimizer aligns and pads.
///
/// - SeeAlso: Megatron-LM, `megatron/core/distributed/param_and_grad_buffer.py`.
func gradientBuckets(of parameters: [Int], ranks: Int, limit: Int?, isPadded: Bool)
  -> [Int]
{
  let padding = isPadded ? leastCommonMultiple(ranks, 128) : 1
  var buckets: [Int] = []
  var length = 0
  func padded(_ value: Int, to multiple: Int) -> Int {
    (value + multiple - 1) / multiple * multiple
  }
  for elements in parameters.reversed() {
    length = padded(length, to: isPadded ? 64 : 1) + elements
    if let limit, length >= limit {
      buckets.append(padded(length, to: padding))
      length = 0
    }
  }
  if length > 0 { buckets.append(padded(length, to: padding)) }
  return buckets
}

/// The elements after which a bucket closes, in a job whose dense gradients are reduced over `ranks`.
func gradientBucketLimit(ranks: Int) -> Int { max(40_000_000, 1_000_000 * ranks) }

private func leastCommonMultiple(_ a: Int, _ b: Int) -> Int {
  var (x, y) = (a, b)
  while y != 0 { (x, y) = (y, x % y) }
  return a / x * b
}
