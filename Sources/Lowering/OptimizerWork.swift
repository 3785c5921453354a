import Graph
import Parallelism
import Units

/// What the optimizer moves, on the device and, for the share of its state that the host keeps, there.
///
/// Adam in mixed precision on the rank's shard reads the gradient, the master weight and two moments,
/// and writes the last three and the bf16 weight: 30 bytes per parameter. The device also clears the
/// whole fp32 gradient buffer and, with quantized operands, casts the weights in both orientations.
/// - SeeAlso: Megatron-LM's `--optimizer-cpu-offload`, which copies gradients out, updates there, and
///   copies weights back.
struct OptimizerWork {
  let onDevice: Work
  /// One after the other; empty where the host keeps nothing.
  let onHost: [(kind: OperationKind, stream: DeviceStream, work: Work)]

  init(shape: LocalShape, shards: [ParameterShard]) {
    let configuration = shape.configuration
    var owned = 0
    var other = 0
    for shard in shards {
      owned += divided(
        shard.elements, by: configuration.shards(ofExpert: shard.isExpert, under: shape.plan))
      other += 4 * shard.elements
      // Two bytes read, one written twice.
      if configuration.precision.quantizes(shard.owner) { other += 4 * shard.elements }
    }
    let hosted = Int((configuration.optimizerOffload * Double(owned)).rounded())
    onDevice = .memoryBound(
      MemoryTraffic(.optimizer, bytes: Bytes(30 * (owned - hosted) + other)))
    guard hosted > 0 else {
      onHost = []
      return
    }
    func traffic(_ kernel: MemoryKernel, _ bytes: Int) -> Work {
      .memoryBound(MemoryTraffic(kernel, bytes: Bytes(bytes * hosted)))
    }
    onHost = [
      (.gradientOffload, .hostSend, traffic(.hostTransfer, 4)),
      (.hostOptimizer, .hostReceive, traffic(.hostOptimizer, 30)),
      (.parameterReload, .hostReceive, traffic(.hostTransfer, configuration.format.width)),
    ]
  }
}
