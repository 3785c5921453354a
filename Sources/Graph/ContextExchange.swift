/// How context-parallel ranks let every query see every key (`--cp-comm-type`).
public enum ContextExchange: Hashable, Sendable {
  /// A ring of keys and values, one hop per step, over the zigzag split.
  case ring
  /// Keys and values gathered before the attention.
  case allGather
  /// Ulysses: heads exchanged for sequence by all-to-all, before and after the attention.
  case allToAll
  /// All-to-all inside groups of `inner` ranks, a ring between them.
  case hierarchical(inner: Int)
}
