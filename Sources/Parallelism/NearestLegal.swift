/// The divisors of a number that lie closest to a value, one below and one above where they exist.
///
/// - Complexity: O(√number).
func nearestDivisors(of number: Int, to value: Int) -> [Int] {
  var below: Int?
  var above: Int?
  var small = 1
  while small <= number / small {
    if number % small == 0 {
      for divisor in [small, number / small] {
        if divisor <= value { below = max(below ?? divisor, divisor) }
        if divisor >= value { above = min(above ?? divisor, divisor) }
      }
    }
    small += 1
  }
  return unique(below, above)
}

/// The positive multiples of a number that lie closest to a value.
func nearestMultiples(of number: Int, to value: Int) -> [Int] {
  let below = value - value % number
  let (above, overflow) = below.addingReportingOverflow(below == value ? 0 : number)
  return unique(below == 0 ? nil : below, overflow ? nil : above)
}

/// `4`, `4 and 8` or `4, 6 and 8`.
func list(_ values: [Int]) -> String { list(values.map(String.init)) }

/// Words with commas and a final "and".
func list(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "none" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}

/// A product that stops at `Int.max`, for comparing degrees that nobody has checked yet.
func saturatingProduct(_ factors: [Int]) -> Int {
  factors.reduce(1) {
    let (product, overflow) = $0.multipliedReportingOverflow(by: $1)
    return overflow ? .max : product
  }
}

private func unique(_ below: Int?, _ above: Int?) -> [Int] {
  guard let below, let above else { return [below, above].compactMap(\.self) }
  return below == above ? [below] : [below, above]
}
