import Graph
import Units

extension MemoryLifetimes {
  /// Holds what operations put out until the last operation of the same direction that depends on it
  /// has ended: a kernel's result, what a collective gathered, a layer's whole parameters.
  ///
  /// A forward's result that a backward needs is held by whoever keeps it.
  mutating func holdOutputs(
    of program: StageProgram, in graph: StepGraph, times: OperationTimes, index: OperationIndex
  ) {
    let sizes = OutputSizes(of: program, in: graph, index: index)
    let ends = program.lastReads(times)
    for (number, operation) in program.operations.enumerated() {
      hold(
        sizes(operation), by: operation.outputOwner, from: times.starts[number], to: ends[number])
    }
  }

  /// Holds whole gradients of what ZeRO-2 and 3 reduce to shards, from the first operation that adds
  /// to them until the reduction has ended.
  mutating func holdGradients(of program: StageProgram, in graph: StepGraph, times: OperationTimes)
  {
    guard graph.configuration.sharding.shardsGradients else { return }
    for (number, operation) in program.operations.enumerated() {
      guard operation.kind == .gradientReduce || operation.kind == .expertGradientReduce,
        case .collective(let collective) = graph.works[operation.work],
        collective.operation == .reduceScatter
      else { continue }
      let first = program.dependencies(of: number).map { times.starts[Int($0)] }.min()
      hold(
        collective.input.count, by: .gradients, from: first ?? times.starts[number],
        to: times.finishes[number])
    }
  }

  /// Holds activations on their way to the host, and back on the device.
  mutating func holdCopies(of program: StageProgram, in graph: StepGraph, times: OperationTimes) {
    guard graph.configuration.activationOffloadLayers > 0 else { return }
    var ends: [Visit: (first: Int64, last: Int64)] = [:]
    for (number, operation) in program.operations.enumerated() {
      guard let visit = Visit(operation) else { continue }
      let known = ends[visit] ?? (.max, .min)
      ends[visit] = (
        min(known.first, times.starts[number]), max(known.last, times.finishes[number])
      )
    }
    for (number, operation) in program.operations.enumerated() {
      guard operation.kind == .activationOffload || operation.kind == .activationReload,
        case .memoryBound(let traffic) = graph.works[operation.work],
        let visit = Visit(operation), let span = ends[visit]
      else { continue }
      let isOut = operation.kind == .activationOffload
      hold(
        traffic.bytes.count, by: .communication,
        from: isOut ? span.first : times.starts[number],
        to: isOut ? times.finishes[number] : span.last)
    }
  }
}

/// One microbatch's pass through a layer.
private struct Visit: Hashable {
  let chunk, layer, microbatch: Int
  let isForward: Bool

  init?(_ operation: Operation) {
    guard let layer = operation.layer, let microbatch = operation.microbatch,
      operation.pass != .step
    else { return nil }
    chunk = operation.chunk
    self.layer = layer
    self.microbatch = microbatch
    isForward = operation.pass == .forward
  }
}

extension StageProgram {
  /// For each operation, when the last operation that reads its output has ended.
  fileprivate func lastReads(_ times: OperationTimes) -> [Int64] {
    var ends = times.finishes
    for (number, operation) in operations.enumerated() {
      for dependency in dependencies(of: number) {
        let source = operations[Int(dependency)]
        guard source.isReadBy(operation) else { continue }
        ends[Int(dependency)] = max(ends[Int(dependency)], times.finishes[number])
      }
    }
    return ends
  }
}

extension Operation {
  /// Whether a dependency means that an output is read, and not only an order: weight gradients come
  /// one after the other, and backwards follow forwards whose results they find where they are kept.
  fileprivate func isReadBy(_ reader: Operation) -> Bool {
    if gathersParameters { return true }
    switch pass {
    case .forward: return reader.pass == .forward
    case .recompute: return reader.pass == .recompute
    case .inputGradient: return reader.pass == .inputGradient || reader.pass == .weightGradient
    case .weightGradient: return !stream.runsKernels && reader.pass == .weightGradient
    case .step: return false
    }
  }

  fileprivate var gathersParameters: Bool {
    kind == .parameterGather || kind == .expertParameterGather
  }

  fileprivate var outputOwner: MemoryOwner {
    if gathersParameters { return .gatheredParameters }
    if !stream.runsKernels { return .communication }
    return [.head, .loss].contains(kind) ? .logits : .workspace
  }
}
