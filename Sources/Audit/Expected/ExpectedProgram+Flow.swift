import Graph

extension FlowExpansion {
  /// The operations, those that no node can tell apart being variants of one.
  func operations() -> [ExpectedOperation] {
    var operations: [ExpectedOperation] = []
    var placeOfKey: [OperationKey: Int] = [:]
    let places = instances.map { instance in
      let key = OperationKey(
        kind: instance.role.kind, pass: instance.pass, layer: instance.layer,
        chunk: instance.layer == nil ? instance.chunk : -1)
      if let known = placeOfKey[key] { return known }
      operations.append(
        ExpectedOperation(
          kind: key.kind, pass: key.pass, layer: key.layer, chunk: instance.chunk))
      placeOfKey[key] = operations.count - 1
      return operations.count - 1
    }
    var sizes = [Int](repeating: 0, count: operations.count)
    for place in places { sizes[place] += 1 }
    for (index, instance) in instances.enumerated() {
      var variant = ExpectedVariant(
        communication: instance.communication, count: instance.role.isOptional ? 0...1 : 1...1)
      variant.predecessors = predecessors(of: instance, at: places, sizes)
      if instance.accumulates {
        variant.predecessors.append(
          ExpectedPredecessor(
            operation: places[index], relation: .path, ofEarlierMicrobatch: true))
      }
      operations[places[index]].add(variant)
    }
    return operations
  }

  private struct OperationKey: Hashable {
    let kind: OperationKind
    let pass: OperationPass
    let layer: Int?
    let chunk: Int
  }

  /// All nodes of an operation are needed where every one of its instances is.
  private func predecessors(of instance: Instance, at places: [Int], _ sizes: [Int])
    -> [ExpectedPredecessor]
  {
    var result: [ExpectedPredecessor] = []
    let sources = instance.sources.filter { !instances[$0.instance].role.isOptional }
    for source in sources {
      let place = places[source.instance]
      let named = Set(
        sources.filter { places[$0.instance] == place && $0.relation == source.relation }
          .map(\.instance)
      ).count
      let predecessor = ExpectedPredecessor(
        operation: place, relation: source.relation,
        needsAll: sizes[place] > 1 && named == sizes[place])
      if !result.contains(predecessor) { result.append(predecessor) }
    }
    return result
  }
}

extension FlowExpansion.Instance {
  /// What one of several equal parts exchanges.
  fileprivate var communication: ExpectedCommunication? {
    guard parts > 1, case .collective(let collective)? = role.communication else {
      return role.communication
    }
    return .collective(collective.divided(by: parts))
  }
}
