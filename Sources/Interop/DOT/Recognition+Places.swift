import Parallelism

extension Recognition {
  /// This, with what it leaves open taken from another.
  func filled(from other: Recognition) -> Recognition {
    var result = self
    result.ranks = ranks ?? other.ranks
    result.layers = layers ?? other.layers
    result.microbatch = microbatch ?? other.microbatch
    let known = Set(coordinates.map(\.axis))
    result.coordinates += other.coordinates.filter { !known.contains($0.axis) }
    return result
  }

  /// Reads a place such as `GPU 0-3`, `layer 12` or `TP0` and returns how many tokens it took.
  mutating func read(_ tokens: [LabelTokens.Token], at start: Int) -> Int {
    guard start + 1 < tokens.count, let place = Self.places[tokens[start].text],
      let first = tokens[start + 1].number
    else { return 0 }
    var length = 2
    var last = first
    if tokens[start + 1].joinsNext, start + 2 < tokens.count,
      let end = tokens[start + 2].number, end >= first
    {
      last = end
      length = 3
    }
    switch place {
    case .rank: ranks = ranks ?? first...last
    case .layer: layers = layers ?? first...last
    case .microbatch: microbatch = microbatch ?? first
    case .axis(let axis):
      for index in first...min(last, first + 1023) {
        let coordinate = AxisCoordinate(axis: axis, index: index)
        if !coordinates.contains(coordinate) { coordinates.append(coordinate) }
      }
    }
    return length
  }

  private enum Place {
    case rank, layer, microbatch
    case axis(GroupFamily)
  }

  private static let places: [String: Place] = [
    "gpu": .rank, "gpus": .rank, "rank": .rank, "ranks": .rank, "device": .rank, "devices": .rank,
    "dev": .rank, "cuda": .rank, "layer": .layer, "layers": .layer, "l": .layer, "block": .layer,
    "microbatch": .microbatch, "mb": .microbatch, "micro": .microbatch,
    "tp": .axis(.tensor), "ep": .axis(.expert), "dp": .axis(.data), "pp": .axis(.pipeline),
    "cp": .axis(.context), "etp": .axis(.expertTensor), "edp": .axis(.expertData),
    "stage": .axis(.pipeline), "pipelinestage": .axis(.pipeline),
  ]
}
