import Graph
import Parallelism
import Testing

@testable import Interop

@Suite("recognizing labels")
struct LabelRecognizerTests {
  static let kinds: [(String, OperationKind?)] = [
    ("QKV Projection", .queryKeyValue), ("qkv_proj", .queryKeyValue), ("q_proj", .queryKeyValue),
    ("Query Projection", .queryKeyValue), ("linear_qkv", .queryKeyValue),
    ("Multi-Head Attention", .attention), ("MultiHeadAttention", .attention),
    ("Self-Attention", .attention), ("Attention", .attention), ("attn", .attention),
    ("softmax(QK^T)", .attention), ("FlashAttention-2", .attention), ("GQA", .attention),
    ("Attention Output Projection", .outputProjection), ("attn out proj", .outputProjection),
    ("o_proj", .outputProjection), ("Out Proj", .outputProjection),
    ("Output Projection", .outputProjection), ("Output Projection to Vocabulary", .head),
    ("Vocab Projection", .head), ("LM Head", .head), ("lm_head", .head), ("Output Head", .head),
    ("Final Output Projection (vocab)", .head), ("Logits", .head), ("Unembedding", .head),
    ("LayerNorm", .attentionNorm), ("RMSNorm", .attentionNorm), ("input_layernorm", .attentionNorm),
    ("Layer Norm 3", .attentionNorm), ("post_attention_layernorm", .feedForwardNorm),
    ("Final LayerNorm", .finalNorm), ("final RMSNorm", .finalNorm), ("ln_f", .finalNorm),
    ("q_norm", .queryNorm), ("k_norm", .keyNorm), ("RoPE", .rotary),
    ("Rotary Embedding", .rotary), ("MLP", .feedForwardUp), ("FFN", .feedForwardUp),
    ("Feed-Forward Network", .feedForwardUp), ("gate_proj", .feedForwardUp),
    ("up_proj", .feedForwardUp), ("down_proj", .feedForwardDown), ("fc1", .feedForwardUp),
    ("fc2", .feedForwardDown), ("SwiGLU", .activation), ("GELU", .activation),
    ("Expert 12", .expertUp), ("Experts 0-15", .expertUp), ("MoE Layer", .expertUp),
    ("Expert 3 FFN", .expertUp), ("Router", .router), ("MoE Gate", .router), ("Gating", .router),
    ("Gating Network", .router), ("top-k routing", .routing), ("Token Dispatch", .tokenDispatch),
    ("dispatch", .tokenDispatch), ("Combine", .tokenCombine),
    ("EP All-to-All dispatch", .tokenDispatch), ("A2A combine", .tokenCombine),
    ("all2all", .tokenDispatch), ("Embedding", .embeddingLookup),
    ("Token Embedding", .embeddingLookup), ("embed_tokens", .embeddingLookup),
    ("Residual Add", .attentionResidual), ("Add & Norm", .attentionResidual),
    ("skip connection", .attentionResidual), ("MLP residual", .feedForwardResidual),
    ("Dropout", .feedForwardDropout), ("Attention dropout", .attentionDropout),
    ("Cross-Entropy Loss", .loss), ("Loss", .loss), ("Adam", .optimizer),
    ("Send to stage 1", .sendActivation), ("P2P", .sendActivation), ("PP Send", .sendActivation),
    ("Recv activation", .receiveActivation), ("Send grad", .sendGradient),
    ("recv gradient", .receiveGradient), ("TP All-Reduce (attention)", .attentionScatter),
    ("AllReduce MLP", .feedForwardScatter), ("all-gather before QKV", .attentionGather),
    ("Gradient all-reduce", .gradientReduce), ("DP AllReduce", .gradientReduce),
    ("DP gradient reduce-scatter", .gradientReduce), ("hello", nil), ("", nil), ("x1 y2", nil),
    ("日本語", nil), ("GPU 3", nil),
  ]

  @Test("a label means what its words say", arguments: kinds)
  func kind(label: String, kind: OperationKind?) {
    #expect(LabelRecognizer.recognize(label: label).kind == kind)
  }

  @Test(
    "collectives are recognized under every spelling",
    arguments: [
      ("All-Reduce", CollectiveOperation.allReduce), ("allreduce", .allReduce),
      ("AllReduce", .allReduce), ("ALL_REDUCE", .allReduce), ("AR", .allReduce),
      ("all-to-all", .allToAll), ("A2A", .allToAll), ("AllToAll", .allToAll),
      ("All Gather", .allGather), ("AG", .allGather), ("reduce-scatter", .reduceScatter),
      ("ReduceScatter", .reduceScatter), ("broadcast", .broadcast),
    ])
  func operation(label: String, operation: CollectiveOperation) {
    #expect(LabelRecognizer.recognize(label: label).operation == operation)
  }

  @Test(
    "ranks are read under every name",
    arguments: [
      ("QKV GPU 3", 3...3), ("QKV\nGPU3", 3...3), ("rank 17", 17...17), ("Device 5", 5...5),
      ("cuda:2", 2...2), ("gpu0-3", 0...3), ("GPUs 8–15", 8...15), ("GPU-3", 3...3),
      ("ranks 0..7", 0...7),
    ])
  func ranks(label: String, ranks: ClosedRange<Int>) {
    #expect(LabelRecognizer.recognize(label: label).ranks == ranks)
  }

  @Test(
    "layers are read under every name",
    arguments: [
      ("Layer 12", 12...12), ("L12 attention", 12...12), ("layers 0-23", 0...23),
      ("layer_7", 7...7), ("Block 3", 3...3),
    ])
  func layers(label: String, layers: ClosedRange<Int>) {
    #expect(LabelRecognizer.recognize(label: label).layers == layers)
  }

  @Test("coordinates of all axes are read")
  func coordinates() {
    let found = LabelRecognizer.recognize(label: "QKV TP0 EP3 DP1 stage 1 mb2")
    #expect(
      found.coordinates.map { "\($0.axis.label)\($0.index)" } == ["TP0", "EP3", "DP1", "PP1"])
    #expect(found.microbatch == 2)
    #expect(
      LabelRecognizer.recognize(label: "TP2EP5").coordinates.map(\.index) == [2, 5])
  }

  @Test("the label speaks before the name, and clusters add where a node is")
  func precedence() {
    let found = LabelRecognizer.recognize(
      label: "Attention", name: "mlp_gpu2", context: "cluster_stage1 Stage 1, layer 30")
    #expect(found.kind == .attention)
    #expect(found.ranks == 2...2)
    #expect(found.layers == 30...30)
    #expect(found.coordinates.map(\.index) == [1])
    #expect(LabelRecognizer.recognize(label: "12 ms", name: "lm_head_0").kind == .head)
  }

  @Test("passes are read from forward and backward words")
  func passes() {
    #expect(LabelRecognizer.recognize(label: "attention bwd").pass == .inputGradient)
    #expect(LabelRecognizer.recognize(label: "MLP wgrad").pass == .weightGradient)
    #expect(LabelRecognizer.recognize(label: "Forward: QKV").pass == .forward)
  }
}
