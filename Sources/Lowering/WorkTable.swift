import Graph

/// Numbers the distinct amounts of work of a step in order of first use.
struct WorkTable {
  private(set) var works: [Work] = []
  private var numbers: [Work: Int] = [:]

  /// The number of a work, new or known.
  mutating func number(of work: Work) -> Int {
    if let known = numbers[work] { return known }
    numbers[work] = works.count
    works.append(work)
    return works.count - 1
  }
}
