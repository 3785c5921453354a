import Graph
import Hardware
import Parallelism
import Units

/// Prices works as a software stack runs them inside a step.
struct StackPricing {
  private let cluster: Cluster
  private let stack: StackProfile
  private let use: KernelUse
  private let isBlockScaled: Bool
  /// What everything takes longer because of the size of the job.
  let scale: Double

  init(_ graph: StepGraph, on cluster: Cluster) {
    self.cluster = cluster
    stack = cluster.stack
    use = graph.configuration.phase == .train ? .training : .serving
    isBlockScaled = graph.configuration.precision.elementsPerScale != nil
    var doublings = 0.0
    var ranks = 8
    while ranks * 2 <= graph.grid.worldSize {
      doublings += 1
      ranks *= 2
    }
    scale = 1 + stack.perDoubling * doublings
    let hasExperts = graph.works.contains { work in
      if case .groupedMatrixMultiply = work { true } else { false }
    }
    overhead =
      use == .serving ? .zero : hasExperts ? stack.expertOverhead : stack.overhead
  }

  /// Host time per step outside its layers.
  let overhead: Seconds

  /// The time of a kernel.
  func time(of kernel: Work) -> Seconds {
    switch kernel {
    case .matrixMultiply(let product):
      let cost = denseGEMMCost(of: product, on: cluster.device)
      return scale * stack.products * sustained(product.format) * cost.duration
    case .groupedMatrixMultiply(let product):
      let cost = groupedGEMMCost(of: product, on: cluster.device, for: use)
      let active = Double(min(product.groups, max(product.rows, 1)))
      return scale * (sustained(product.format) * cost.duration + active * stack.expertLoss)
    case .attention(let kernel): return scale * stack.attention * attentionTime(of: kernel)
    case .memoryBound(let traffic):
      if let cost = hostCost(of: traffic, on: cluster.host) { return cost.duration }
      let cost = memoryBoundCost(of: traffic, on: cluster.device)
      return scale * factor(of: traffic.kernel) * cost.duration
    case .collective, .transfer: return .zero
    }
  }

  /// What a collective takes over its time on idle GPUs.
  func factor(of family: GroupFamily) -> Double {
    switch family {
    case .tensor, .expertTensor: scale * stack.tensorExchange
    case .expert, .expertTensorExpert: scale * stack.expertExchange
    default: scale
    }
  }

  private func attentionTime(of kernel: AttentionKernel) -> Seconds {
    let cost = attentionCost(of: kernel, on: cluster.device, for: use)
    guard use == .training else { return cost.duration }
    switch stack.attentionLibrary {
    case .current: return cost.duration
    case .flash2: return (cluster.device.architecture == .hopper ? 1 / 0.55 : 1) * cost.duration
    case .unfused: return unfusedAttentionCost(of: kernel, on: cluster.device).duration
    }
  }

  private func sustained(_ format: NumericFormat) -> Double {
    guard use == .training, stack != .none else { return 1 }
    let factors = cluster.device.sustained
    guard format == .fp8 else { return factors.sixteenBit }
    return isBlockScaled ? factors.blockScaled : factors.eightBit
  }

  private func factor(of kernel: MemoryKernel) -> Double {
    switch kernel {
    case .permute, .unpermute, .routing: stack.expertTraffic
    case .quantize: stack.quantization
    case .optimizer: 1
    default: stack.traffic
    }
  }
}
