/// Which activations are dropped in the forward and computed again before the backward.
public enum Recomputation: Hashable, Sendable {
  case none
  /// Only some modules of every layer (Megatron's `--recompute-granularity selective`).
  case selective(Set<RecomputedModule>)
  /// Whole layers: the input of every `interval`-th layer of a chunk is kept
  /// (`--recompute-method uniform --recompute-num-layers`).
  case uniform(interval: Int)
  /// Whole layers: the first `layers` of every chunk (`--recompute-method block`).
  case block(layers: Int)
}

/// Megatron's `--recompute-modules`.
public enum RecomputedModule: String, Hashable, Sendable, CaseIterable {
  case coreAttention = "core_attn"
  case expertActivation = "moe_act"
  case layerNorm = "layernorm"
  case latentUpProjection = "mla_up_proj"
  case feedForward = "mlp"
  case mixtureOfExperts = "moe"
  case sharedExperts = "shared_experts"
}
