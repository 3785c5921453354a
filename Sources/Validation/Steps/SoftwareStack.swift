/// The software that ran a measured step, as far as its name and date tell.
public struct SoftwareStack: Hashable, Sendable {
  public enum Family: String, Hashable, Sendable, CaseIterable {
    /// Megatron-LM, NeMo and Megatron-Bridge.
    case megatron
    /// Megatron-DeepSpeed and GPT-NeoX: DeepSpeed's pipeline and ZeRO engine.
    case deepSpeed
    /// PyTorch's fully sharded data parallelism.
    case fullySharded
    /// XLA: JAX and MaxText.
    case compiler
  }

  public let family: Family
  /// Release as year and month, for example 2511 for 25.11 or November 2025.
  public let release: Int

  public init(family: Family, release: Int) {
    self.family = family
    self.release = release
  }

  /// The profile of the stack: that of its family and period.
  public var profileName: String {
    switch family {
    case .deepSpeed: return "deepspeed-2022"
    case .compiler: return "xla-2024"
    case .fullySharded: return release < 2404 ? "fsdp-2023" : "fsdp-2024"
    case .megatron:
      let periods = [
        (2301, "megatron-2021"), (2409, "megatron-2023"), (2503, "megatron-24.11"),
        (2509, "megatron-25.05"), (2512, "megatron-25.11"), (2605, "megatron-26.02"),
      ]
      return periods.first { release < $0.0 }?.1 ?? "megatron-26.06"
    }
  }

  /// Whether its recipes interleave pipelines as far as the layers allow.
  var usesInterleavingByDefault: Bool { family == .megatron && release >= 2301 }
  /// Whether attention runs as one fused kernel.
  var fusesAttention: Bool {
    family == .fullySharded || family == .compiler || (family == .megatron && release >= 2301)
  }
  /// Whether tensor-parallel collectives run in chunks under their products.
  var overlapsTensor: Bool { family == .megatron && release >= 2301 }
  /// Whether gradients and parameters are exchanged under backward and forward.
  var overlapsData: Bool { release >= 2301 }
  /// Whether tokens go to experts by fused kernels, one copy per rank.
  var fusesDispatch: Bool { family == .megatron && release >= 2510 }
}

extension MeasuredStep {
  /// The software of the row, from the name of its framework.
  var stack: SoftwareStack {
    SoftwareStack(family: stackFamily, release: stackRelease)
  }

  private var stackFamily: SoftwareStack.Family {
    let name = framework.lowercased()
    if name.contains("deepspeed") || name.contains("neox") { return .deepSpeed }
    if name.contains("fsdp") || name.contains("torchtitan") || name.contains("composer") {
      return .fullySharded
    }
    if name.contains("maxtext") || name.contains("jax") { return .compiler }
    return .megatron
  }

  /// The release that the name contains, or the year in which the framework was current.
  private var stackRelease: Int {
    for word in framework.split(whereSeparator: { !"0123456789.-".contains($0) }) {
      if let release = Self.release(in: word) { return release }
    }
    let name = framework.lowercased()
    for (text, release) in [
      ("v2.5", 2104), ("ptd-p", 2104), ("zero-bubble", 2311), ("mlperf v3.0", 2304),
      ("mlperf v3.1", 2310), ("mlperf v4.0", 2404), ("mlperf v4.1", 2410), ("mlperf v5.0", 2504),
      ("mlperf v5.1", 2509), ("mlperf v6", 2604), ("r0.8.0", 2406), ("(0.14)", 2509),
      ("megascale", 2306), ("llama 3", 2404), ("llm-foundry", 2312), ("fms", 2405),
      ("torchtitan", 2412), ("deepspeed", 2202), ("neox", 2202), ("600d069", 2606),
    ] where name.contains(text) {
      return release
    }
    return 2606
  }

  /// `25.11`, `v24.11.1`, `2021` or `2026-07` as year and month.
  private static func release(in word: Substring) -> Int? {
    let numbers = word.split(whereSeparator: { ".-".contains($0) }).compactMap { Int($0) }
    guard let first = numbers.first else { return nil }
    if (2019...2039).contains(first) {
      return (first - 2000) * 100 + (numbers.count > 1 && numbers[1] <= 12 ? numbers[1] : 1)
    }
    guard numbers.count > 1, (22...39).contains(first), (1...12).contains(numbers[1]) else {
      return nil
    }
    return first * 100 + numbers[1]
  }
}
