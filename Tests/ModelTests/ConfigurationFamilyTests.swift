import Model
import Testing

@Suite("Import of each family")
struct ConfigurationFamilyTests {
  private func firstAttention(_ model: TransformerModel) throws -> GroupedQueryAttention {
    guard case .groupedQuery(let attention) = try #require(model.layers.first).attention else {
      throw Unexpected()
    }
    return attention
  }

  private func sparse(_ model: TransformerModel) -> [Bool] {
    model.layers.map { if case .experts = $0.feedForward { true } else { false } }
  }

  private func windows(_ model: TransformerModel) -> [Int?] {
    model.layers.map {
      if case .groupedQuery(let attention) = $0.attention { attention.slidingWindow } else { nil }
    }
  }

  private struct Unexpected: Error {}

  @Test("Llama takes its biases and ties from flags, and heads of its own where none are shared")
  func llama() throws {
    let model = try imported(
      configuration(
        "llama",
        [
          "attention_bias": "true", "mlp_bias": "true", "tie_word_embeddings": "true",
          "num_key_value_heads": nil, "head_dim": "null",
        ]))
    let attention = try firstAttention(model)
    #expect(attention.keyValueHeads == 8 && attention.headDimension == 8)
    #expect(attention.hasProjectionBias && attention.hasOutputBias && model.tiesEmbeddings)
    #expect(
      model.layers[0].feedForward
        == .dense(DenseFeedForward(intermediateSize: 128, isGated: true, hasBias: true)))
    #expect(try !imported(configuration("llama")).tiesEmbeddings)
  }

  @Test("Llama-3.2-1B as published, with tied embeddings, has its published parameters")
  func llama32() throws {
    let model = try imported(
      """
      {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "head_dim": 64,
       "hidden_size": 2048, "intermediate_size": 8192, "max_position_embeddings": 131072,
       "mlp_bias": false, "model_type": "llama", "num_attention_heads": 32,
       "num_hidden_layers": 16, "num_key_value_heads": 8, "rope_scaling": {"factor": 32.0},
       "tie_word_embeddings": true, "torch_dtype": "bfloat16", "vocab_size": 128256}
      """)
    #expect(model.parameters.total == 1_235_814_400)
  }

  @Test("Mistral slides everywhere, and has a head dimension of its own where stated")
  func mistral() throws {
    let model = try imported(
      configuration("mistral", ["sliding_window": "256", "head_dim": "16"]))
    #expect(windows(model) == [256, 256, 256, 256])
    #expect(try firstAttention(model).headDimension == 16)
    #expect(windows(try imported(configuration("mistral"))) == [nil, nil, nil, nil])
  }

  @Test("Qwen2 has query, key and value biases without a flag and none behind")
  func qwen2() throws {
    let attention = try firstAttention(imported(configuration("qwen2")))
    #expect(attention.hasProjectionBias && !attention.hasOutputBias && !attention.hasQueryKeyNorm)
  }

  @Test("Qwen slides only if told to, and then from max_window_layers on")
  func qwenWindows() throws {
    for family in ["qwen2", "qwen3"] {
      let off = configuration(
        family,
        ["sliding_window": "256", "use_sliding_window": "false", "max_window_layers": "1"])
      #expect(windows(try imported(off)) == [nil, nil, nil, nil])
      let on = configuration(
        family,
        ["sliding_window": "256", "use_sliding_window": "true", "max_window_layers": "3"])
      #expect(windows(try imported(on)) == [nil, nil, nil, 256])
    }
  }

  @Test("Qwen3 normalizes query and key heads, and its flag covers all four biases")
  func qwen3() throws {
    let attention = try firstAttention(imported(configuration("qwen3")))
    #expect(attention.hasQueryKeyNorm && !attention.hasProjectionBias)
    let biased = try firstAttention(imported(configuration("qwen3", ["attention_bias": "true"])))
    #expect(biased.hasProjectionBias && biased.hasOutputBias)
  }

  private static let experts: KeyValuePairs<String, String?> = [
    "num_experts": "16", "num_experts_per_tok": "4", "moe_intermediate_size": "32",
  ]

  @Test("Qwen3-MoE keeps the layers dense that its step and its list exclude")
  func qwen3Moe() throws {
    let all = try imported(configuration("qwen3_moe", Self.experts))
    #expect(sparse(all) == [true, true, true, true])
    let some = try imported(
      configuration(
        "qwen3_moe",
        [
          "num_local_experts": "16", "num_experts_per_tok": "4", "moe_intermediate_size": "32",
          "decoder_sparse_step": "2", "mlp_only_layers": "[3]", "router_aux_loss_coef": "0.0",
        ]))
    #expect(sparse(some) == [false, true, false, false])
    #expect(
      some.mixtureOfExperts
        == MixtureOfExperts(
          experts: 16, topK: 4, intermediateSize: 32, hasAuxiliaryLoss: false))
  }

  @Test("Qwen2-MoE has a gated shared expert")
  func qwen2Moe() throws {
    let model = try imported(
      configuration(
        "qwen2_moe",
        [
          "num_experts": "16", "num_experts_per_tok": "4", "moe_intermediate_size": "32",
          "shared_expert_intermediate_size": "96",
        ]))
    #expect(
      model.mixtureOfExperts
        == MixtureOfExperts(
          experts: 16, topK: 4, intermediateSize: 32, sharedIntermediateSize: 96,
          hasSharedExpertGate: true))
    #expect(try firstAttention(model).hasProjectionBias)
  }

  @Test("Qwen1.5-MoE-A2.7B as published has its published parameters")
  func qwen15Moe() throws {
    let model = try imported(
      configuration(
        "qwen2_moe",
        [
          "hidden_size": "2048", "num_hidden_layers": "24", "num_attention_heads": "16",
          "num_key_value_heads": "16", "vocab_size": "151936", "num_experts": "60",
          "num_experts_per_tok": "4", "moe_intermediate_size": "1408",
          "shared_expert_intermediate_size": "5632", "intermediate_size": "5632",
        ]))
    #expect(model.parameters.total == 14_315_784_192)
  }

  @Test("GPT-2 goes by its own field names and means what it leaves null")
  func gpt2() throws {
    let published = """
      {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
       "embd_pdrop": 0.1, "model_type": "gpt2", "n_ctx": 1024, "n_embd": 1600, "n_head": 25,
       "n_layer": 48, "n_positions": 1024, "n_inner": null, "resid_pdrop": 0.1, "vocab_size": 50257}
      """
    var model = try imported(published)
    model.name = "gpt2-xl"
    #expect(model == (try TransformerModel(named: "gpt2-xl")))
    let dry = published.replacing("pdrop\": 0.1", with: "pdrop\": 0")
    #expect(try !imported(dry).hasDropout)
  }

  @Test("gpt-oss as published is the preset: windows alternate, with or without the list")
  func gptOss() throws {
    let preset = try TransformerModel(named: "gpt-oss-20b")
    let list = (0..<24).map { $0 % 2 == 0 ? "\"sliding_attention\"" : "\"full_attention\"" }
    for types in [nil, "[" + list.joined(separator: ",") + "]"] {
      var model = try imported(
        configuration(
          "gpt_oss",
          [
            "hidden_size": "2880", "num_hidden_layers": "24", "num_attention_heads": "64",
            "num_key_value_heads": "8", "head_dim": "64", "intermediate_size": "2880",
            "vocab_size": "201088", "max_position_embeddings": "131072", "attention_bias": "true",
            "num_local_experts": "32", "num_experts_per_tok": "4", "experts_per_token": "4",
            "sliding_window": "128", "layer_types": types ?? "null", "attention_dropout": "0.0",
            "router_aux_loss_coef": "0.9",
          ]))
      model.name = preset.name
      #expect(model == preset)
    }
  }

  @Test("Kimi-K2 is read directly and from inside a multimodal file")
  func kimi() throws {
    let text = configuration(
      "kimi_k2",
      [
        "hidden_size": "7168", "num_hidden_layers": "61", "num_attention_heads": "64",
        "num_key_value_heads": "64", "intermediate_size": "18432", "vocab_size": "163840",
        "max_position_embeddings": "131072", "first_k_dense_replace": "1", "moe_layer_freq": "1",
        "n_routed_experts": "384", "num_experts_per_tok": "8", "moe_intermediate_size": "2048",
        "n_shared_experts": "1", "q_lora_rank": "1536", "kv_lora_rank": "512",
        "qk_nope_head_dim": "128", "qk_rope_head_dim": "64", "v_head_dim": "128",
        "topk_method": "\"noaux_tc\"", "num_nextn_predict_layers": "0", "aux_loss_alpha": "0.001",
      ])
    let preset = try TransformerModel(named: "kimi-k2")
    for text in [text, "{\"model_type\": \"kimi_k25\", \"text_config\": \(text)}"] {
      var model = try imported(text)
      model.name = preset.name
      #expect(model == preset)
    }
  }

  @Test("DeepSeek-V2-Lite as published has no query latent, and its published parameters")
  func deepSeekV2Lite() throws {
    let model = try imported(
      configuration(
        "deepseek_v2",
        [
          "hidden_size": "2048", "num_hidden_layers": "27", "num_attention_heads": "16",
          "num_key_value_heads": "16", "intermediate_size": "10944", "vocab_size": "102400",
          "first_k_dense_replace": "1", "n_routed_experts": "64", "num_experts_per_tok": "6",
          "moe_intermediate_size": "1408", "n_shared_experts": "2", "q_lora_rank": "null",
          "kv_lora_rank": "512", "qk_nope_head_dim": "128", "qk_rope_head_dim": "64",
          "v_head_dim": "128", "topk_method": "\"greedy\"",
        ]))
    #expect(model.parameters.total == 15_706_484_224)
  }

  @Test("a latent family without experts is dense")
  func denseLatent() throws {
    let model = try imported(
      configuration(
        "deepseek_v3",
        [
          "kv_lora_rank": "16", "qk_nope_head_dim": "8", "qk_rope_head_dim": "4",
          "v_head_dim": "8", "n_routed_experts": "null", "num_nextn_predict_layers": "1",
        ]))
    #expect(sparse(model) == [false, false, false, false])
    #expect(model.multiTokenPredictionLayers == 1)
  }

  @Test("a file without model_type is known by its class")
  func architectures() throws {
    let text = configuration(
      "", ["model_type": nil, "architectures": "[\"Qwen3ForCausalLM\"]"])
    #expect(try imported(text).family == "qwen3")
  }
}
