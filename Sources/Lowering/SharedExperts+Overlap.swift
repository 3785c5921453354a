import Graph
import Model
import Parallelism

/// The shared experts of one layer on their way beside the routed ones.
///
/// Where they run on a stream of their own they are launched in three parts: the gather before the
/// dispatch, the up projection behind it, the down projection behind the combine.
/// - SeeAlso: Megatron-LM's `SharedExpertMLP`, `moe_shared_expert_overlap`.
struct SharedBranch {
  /// The gathered input, while the branch is being launched in parts.
  var input: Tape.Index?
  /// The norm's output, which a gate multiplies with.
  var normed: Tape.Index?
  /// Behind the activation.
  var activated: Tape.Index?
  var parameters: (up: [Int], down: [Int], gate: [Int])?
  /// What the residual adds; nil where there are no shared experts, or none yet.
  var output: Tape.Index?
}

extension ChunkLowering {
  /// The first part: the gather of the input.
  mutating func appendSharedGather(at normed: Tape.Index) -> Tape.Index {
    appendGather(.sharedGather, at: normed, width: shape.hidden)
  }

  /// The second part, behind the dispatch: up projection and activation.
  mutating func appendSharedUp(_ block: MixtureOfExperts, of branch: inout SharedBranch) {
    guard let input = branch.input, let owned = branch.parameters else { return }
    let inner = divided(block.sharedIntermediateSize, by: shape.plan.tensor)
    let matrices = block.isGated ? 2 : 1
    tape.stream = .shared
    let raised = tape.append(
      .sharedUp, linear(rows: shape.tokens, inner: shape.hidden, columns: matrices * inner),
      from: [input], parameters: owned.up,
      saving: shape.residualTokens * shape.hidden * shape.width)
    branch.activated = tape.append(
      .sharedActivation, activation(elements: shape.tokens * inner, isGated: block.isGated),
      from: [raised], saving: shape.tokens * matrices * inner * shape.width)
    tape.stream = .compute
  }

  /// The third part, behind the combine: down projection, scatter and gate.
  mutating func appendSharedDown(_ block: MixtureOfExperts, of branch: inout SharedBranch) {
    guard let activated = branch.activated, let owned = branch.parameters,
      let normed = branch.normed
    else { return }
    let inner = divided(block.sharedIntermediateSize, by: shape.plan.tensor)
    tape.stream = .shared
    let lowered = tape.append(
      .sharedDown, linear(rows: shape.tokens, inner: inner, columns: shape.hidden),
      from: [activated], parameters: owned.down, saving: shape.tokens * inner * shape.width)
    let scattered = appendScatter(.sharedScatter, at: lowered)
    branch.output = appendSharedGate(block, at: scattered, input: normed, owned: owned.gate)
    tape.stream = .compute
  }
}
