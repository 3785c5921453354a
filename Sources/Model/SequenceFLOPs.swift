public import Units

/// The forward work of one sequence by Megatron's convention, by part.
///
/// The convention (`num_floating_point_operations` in Megatron-LM's `training.py`) is what published
/// TFLOP/s per GPU and model FLOPs utilization divide: matrix products only, a multiply-add as two, the
/// causal half of core attention, the chosen experts and the shared ones, the logits. It leaves out the
/// router, norms, softmax, biases, recomputation and the embedding's lookup. Sliding windows do not change it:
/// a windowed layer counts as a full causal one, so that a window shows as a gain in throughput.
public struct SequenceFLOPs: Hashable, Sendable {
  /// Query, key, value and output projections.
  public var projections: FLOPs
  /// Scores and their product with the values, the causal half.
  public var coreAttention: FLOPs
  /// Dense feed-forward blocks, chosen and shared experts.
  public var feedForward: FLOPs
  /// The product with the output head.
  public var logits: FLOPs
  /// The routers' products, which the convention leaves out of every sum below.
  public var router: FLOPs
  /// The multi-token-prediction modules with their own pass through the head.
  public var multiTokenPrediction: FLOPs

  /// One forward pass of the main model.
  public var forward: FLOPs { projections + coreAttention + feedForward + logits }
  /// One forward and backward pass of the main model: the backward counts as two forwards.
  public var training: FLOPs { 3 * forward }
  /// `training` with the multi-token-prediction modules.
  public var trainingWithMultiTokenPrediction: FLOPs { 3 * (forward + multiTokenPrediction) }
}
