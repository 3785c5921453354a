/// How tokens reach their experts (`--moe-token-dispatcher-type`).
public enum ExpertDispatcher: String, Hashable, Sendable, CaseIterable {
  /// One copy per expert, by NCCL all-to-all.
  case allToAll = "alltoall"
  /// Every rank gathers all tokens of the expert group and scatters the sums.
  case allGather = "allgather"
  /// DeepEP-style fused kernels: permutation and exchange in one, one copy per destination rank.
  case deepEP = "deepep"
}
