/// Which stack's kernels run: attention differs by a factor of two on one chip, and experts by how often
/// they are launched.
public enum KernelUse: Hashable, Sendable {
  /// Forward and backward of training stacks.
  case training
  /// Prefill and decode of serving stacks: attention writes the KV cache, experts are one launch.
  case serving
}
