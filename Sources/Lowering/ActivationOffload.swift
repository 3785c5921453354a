import Graph
import Parallelism
import Units

/// Keeps the saved activations of each chunk's first layers on the host between forward and backward.
///
/// A layer's activations are copied out behind its forward, and back while the layer before it in the
/// backward computes.
struct ActivationOffload {
  private let program: StageProgram
  /// By chunk and layer, bytes to copy.
  private let sizes: [[Int: Int]]

  init(_ program: StageProgram, layersPerChunk: Int, chunks: Int) {
    self.program = program
    sizes = (0..<chunks).map { chunk in
      var sizes: [Int: Int] = [:]
      for saved in program.storage.activations where saved.chunk == chunk {
        if let layer = saved.layer { sizes[layer, default: 0] += saved.bytes.count }
      }
      let kept = Set(sizes.keys.sorted().prefix(layersPerChunk))
      return sizes.filter { kept.contains($0.key) }
    }
  }

  /// The program with its copies; what they take away no longer counts as stored.
  func applied(in works: inout WorkTable) -> StageProgram {
    var insertions = ProgramInsertions()
    let visits = LayerVisits(of: program) { operation in
      operation.stream.runsKernels && operation.pass != .step ? operation.layer : nil
    }
    // For each layer and microbatch, the copy to the host and where it is.
    var away: [[Int]: (copy: ProgramInsertions.Reference, position: Int)] = [:]
    for (number, visit) in visits.visits.enumerated() {
      let operations = visit.operations
      let first = program.operations[operations[0]]
      guard let bytes = sizes[first.chunk][visit.unit] else { continue }
      let key = [visit.unit, first.microbatch ?? 0]
      if visit.isBackward, let sent = away[key] {
        let previous = visits.visits[max(0, number - 1)].operations[0]
        let opened = previous < sent.position ? operations[0] : previous
        let needed = visits.kernel(before: opened).map {
          [ProgramInsertions.Reference.existing($0)]
        }
        let copy = insertions.insert(
          transfer(.activationReload, .inputGradient, .hostReceive, bytes, like: first, in: &works),
          before: opened, after: (needed ?? []) + [sent.copy])
        for operation in operations { insertions.require(copy, by: operation) }
      } else if !visit.isBackward {
        let end = operations[operations.count - 1]
        let copy = insertions.insert(
          transfer(.activationOffload, .forward, .hostSend, bytes, like: first, in: &works),
          before: end + 1, after: [.existing(end)])
        away[key] = (copy, end + 1)
      }
    }
    return insertions.applied(to: program).keeping { saved in
      saved.layer.map { sizes[saved.chunk][$0] == nil } ?? true
    }
  }

  private func transfer(
    _ kind: OperationKind, _ pass: OperationPass, _ stream: DeviceStream, _ bytes: Int,
    like example: Operation, in works: inout WorkTable
  ) -> Operation {
    Operation(
      kind: kind, pass: pass, stream: stream, layer: example.layer, chunk: example.chunk,
      microbatch: example.microbatch,
      work: works.number(of: .memoryBound(MemoryTraffic(.hostTransfer, bytes: Bytes(bytes)))))
  }
}

extension StageProgram {
  /// The same program with some of its saved activations.
  fileprivate func keeping(_ isKept: (SavedActivation) -> Bool) -> StageProgram {
    StageProgram(
      pipelineRank: pipelineRank, operations: operations, dependencyStart: dependencyStart,
      dependencies: dependencies,
      storage: StageStorage(
        parameters: storage.parameters, activations: storage.activations.filter(isKept),
        weightOperands: storage.weightOperands, recomputed: storage.recomputed))
  }
}
