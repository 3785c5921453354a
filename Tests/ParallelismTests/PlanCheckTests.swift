import Parallelism
import Testing

@Suite("Plan legality") struct PlanCheckTests {
  let qwen = PlanRequirements(
    heads: 32, kvHeads: 4, layers: 48, paddedVocabulary: 151_936, experts: 128,
    expertFeedForward: 768, sequenceLength: 4096, microBatchSize: 1, globalBatchSize: 512,
    schedule: .oneForwardOneBackward)

  @Test("the flagship is legal")
  func flagship() {
    let plan = ParallelPlan(tensor: 4, pipeline: 2, expert: 8, data: 32)
    #expect(plan.check(qwen).isEmpty)
    #expect(plan.remarks(qwen).isEmpty)
    #expect(plan.check(PlanRequirements(experts: 128)).isEmpty)
  }

  @Test("replicated KV heads and folded experts are legal and remarked")
  func remarks() {
    let plan = ParallelPlan(tensor: 8, expert: 8, expertTensor: 1, data: 4)
    #expect(plan.check(qwen).isEmpty)
    #expect(
      plan.remarks(qwen) == [
        "4 KV heads are fewer than TP8: each is replicated on 2 tensor ranks",
        "EP8 exceeds DP4: experts fold over tensor, context and data ranks of a stage",
      ])
  }

  static let rules: [(ParallelPlan, PlanRequirements, String)] = [
    (
      ParallelPlan(tensor: 6), PlanRequirements(heads: 64),
      "TP6 does not divide 64 attention heads; the nearest that do are TP4 and TP8"
    ),
    (
      ParallelPlan(tensor: 6), PlanRequirements(kvHeads: 4),
      "TP6 neither divides 4 KV heads nor is a multiple of them, which would replicate them; the "
        + "nearest that do are TP4 and TP8"
    ),
    (
      ParallelPlan(tensor: 3), PlanRequirements(kvHeads: 4),
      "TP3 neither divides 4 KV heads nor is a multiple of them, which would replicate them; the "
        + "nearest that do are TP2 and TP4"
    ),
    (
      ParallelPlan(tensor: 4), PlanRequirements(feedForward: 770),
      "TP4 does not divide 770 columns of the feed-forward block; the nearest that do are TP2 and TP5"
    ),
    (
      ParallelPlan(tensor: 4), PlanRequirements(paddedVocabulary: 50_257),
      "TP4 does not divide 50257 rows of the padded vocabulary; the nearest that do are TP1 and TP29"
    ),
    (
      ParallelPlan(expert: 12, data: 12), PlanRequirements(experts: 128),
      "EP12 does not divide 128 experts; the nearest that do are EP8 and EP16"
    ),
    (
      ParallelPlan(expert: 200, data: 200), PlanRequirements(experts: 128),
      "EP200 does not divide 128 experts; the nearest that does is EP128"
    ),
    (
      ParallelPlan(expert: 2, data: 2), PlanRequirements(),
      "EP2 needs experts, and the model has none; use EP1"
    ),
    (
      ParallelPlan(expertTensor: 5, data: 5),
      PlanRequirements(experts: 8, expertFeedForward: 768),
      "ETP5 does not divide 768 columns of an expert; the nearest that do are ETP4 and ETP6"
    ),
    (
      ParallelPlan(tensor: 2, sequenceParallel: false), PlanRequirements(experts: 8),
      "training experts with TP2 needs sequence parallelism, or every tensor rank would dispatch the "
        + "same tokens; write SP1 or TP1"
    ),
    (
      ParallelPlan(pipeline: 5), PlanRequirements(layers: 48),
      "48 layers do not fill PP5·VPP1 = 5 stages evenly; of the pipelines, the nearest that do are PP4 "
        + "and PP6"
    ),
    (
      ParallelPlan(pipeline: 8, virtualPipeline: 4), PlanRequirements(layers: 48),
      "48 layers do not fill PP8·VPP4 = 32 stages evenly; with PP8 the nearest that do are VPP3 and VPP6"
    ),
    (
      ParallelPlan(virtualPipeline: 2), PlanRequirements(layers: 48),
      "VPP2 needs a pipeline; use VPP1, or PP2 or more"
    ),
    (
      ParallelPlan(data: 6), PlanRequirements(microBatchSize: 2, globalBatchSize: 32),
      "a global batch of 32 sequences is no multiple of micro batch 2 · DP6 = 12; the nearest that are: "
        + "24 and 36"
    ),
    (
      ParallelPlan(pipeline: 4, virtualPipeline: 2),
      PlanRequirements(
        microBatchSize: 1, globalBatchSize: 6, schedule: .oneForwardOneBackward),
      "6 microbatches in groups of 4 leave a last group of 2, which must be empty or at least the 4 "
        + "pipeline ranks; the nearest legal numbers of microbatches are 4 and 8"
    ),
    (
      ParallelPlan(pipeline: 2, virtualPipeline: 2),
      PlanRequirements(microBatchSize: 1, globalBatchSize: 4, schedule: .gpipe),
      "GPipe runs one chunk per rank, not VPP2; use VPP1 or 1F1B, which interleaves chunks"
    ),
    (
      ParallelPlan(context: 4), PlanRequirements(sequenceLength: 1020),
      "a sequence of 1020 tokens cannot be cut into 8 equal chunks, two per rank to balance causal "
        + "attention with CP4; the nearest that can: 1016 and 1024"
    ),
    (
      ParallelPlan(context: 4), PlanRequirements(sequenceLength: 1022, causal: false),
      "a sequence of 1022 tokens cannot be cut into 4 equal chunks, one with CP4; the nearest that can: "
        + "1020 and 1024"
    ),
    (
      ParallelPlan(tensor: 8, context: 2), PlanRequirements(sequenceLength: 1000),
      "sequence parallelism cuts a sequence of 1000 tokens over CP2·TP8 = 16 ranks, which does not "
        + "divide it; the nearest that do: 992 and 1008 tokens, or SP0"
    ),
    (
      ParallelPlan(context: 2, pipeline: 2, data: 2, rankOrder: .dataLast), PlanRequirements(),
      "rank order tp-cp-ep-pp-dp with PP above 1 needs EDP = DP, so that dense and expert layers have "
        + "the same pipeline groups; here DP2 and EDP4; use tp-cp-ep-dp-pp or choose ETP·EP = TP·CP"
    ),
    (
      ParallelPlan(), PlanRequirements(kvHeads: 0),
      "a plan needs at least 1 of KV heads, got 0"
    ),
  ]

  @Test("each rule refuses in words", arguments: rules)
  func refusals(plan: ParallelPlan, needs: PlanRequirements, message: String) {
    #expect(plan.check(needs).map(\.description) == [message])
  }

  @Test("rules whose numbers are absent are skipped, and several violations come in order")
  func several() {
    let plan = ParallelPlan(tensor: 3, context: 2, pipeline: 5, data: 7)
    #expect(plan.check(PlanRequirements()).isEmpty)
    let violations = plan.check(
      PlanRequirements(
        heads: 32, kvHeads: 4, layers: 48, sequenceLength: 4096, microBatchSize: 1,
        globalBatchSize: 512))
    #expect(violations.count == 5)
  }

  @Test("with CP1 and SP off, any sequence length is legal", arguments: 1...40)
  func anyLength(length: Int) {
    let plan = ParallelPlan(tensor: 4, sequenceParallel: false)
    #expect(plan.check(PlanRequirements(sequenceLength: length)).isEmpty)
  }
}
