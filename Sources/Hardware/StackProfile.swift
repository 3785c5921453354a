public import Units

/// What a software stack makes of the hardware inside a step, beyond what benchmarks of single kernels
/// and collectives measure.
///
/// Factors multiply times: 1.2 is a fifth slower than the benchmark.
public struct StackProfile: Hashable, Sendable {
  /// For example `megatron-26.06`.
  public var name: String
  /// Dense products: the maturity of libraries.
  public var products: Double
  /// Core attention.
  public var attention: Double
  public var attentionLibrary: AttentionLibrary
  /// Kernels that move the residual stream: norms, additions, activations, loss.
  public var traffic: Double
  /// Kernels that move tokens to experts and back, and route them.
  public var expertTraffic: Double
  /// Quantization of operands.
  public var quantization: Double
  /// Collectives of tensor parallelism inside a busy step.
  public var tensorExchange: Double
  /// Dispatch and combine of tokens.
  public var expertExchange: Double
  /// Share of the time of hidden communication by which the kernels that hide it get longer.
  public var interference: Double
  /// GPU time lost per expert in a grouped product.
  public var expertLoss: Seconds
  /// Host time per launch; nil takes the profile's of the machine.
  public var launch: HostLaunch?
  /// Host time per step outside its layers: optimizer launches, logging, data.
  public var overhead: Seconds
  /// The same where the model has experts, whose parameters are many small tensors.
  public var expertOverhead: Seconds
  /// How much longer everything takes per doubling of the GPUs beyond 8.
  public var perDoubling: Double
  /// Every number of the profile with its source, in file order.
  public var facts: [Fact]

  /// The benchmarks as they are.
  public static let none = StackProfile(name: "none")

  public init(name: String) {
    self.name = name
    products = 1
    attention = 1
    attentionLibrary = .current
    traffic = 1
    expertTraffic = 1
    quantization = 1
    tensorExchange = 1
    expertExchange = 1
    interference = 0
    expertLoss = .zero
    launch = nil
    overhead = .zero
    expertOverhead = .zero
    perDoubling = 0
    facts = []
  }
}

/// Who computes attention.
public enum AttentionLibrary: String, Hashable, Sendable, CaseIterable {
  /// Fused kernels made for the device: cuDNN, FlashAttention-3.
  case current
  /// FlashAttention-2, which does not use what Hopper added.
  case flash2
  /// Batched products around a softmax that is written to memory.
  case unfused
}

/// Host time to launch one framework operation, by the host's processor.
public struct HostLaunch: Hashable, Sendable {
  public let x86: Seconds
  public let arm: Seconds

  public init(x86: Seconds, arm: Seconds) {
    self.x86 = x86
    self.arm = arm
  }

  /// The time on a kind of processor.
  public func time(on processor: ProcessorKind) -> Seconds { processor == .arm ? arm : x86 }
}
