import Model
import Testing
import Units

/// Whatever a field holds, a configuration is accepted with finite counts or refused with a sentence.
@Suite("Odd values in every field of every family")
struct OddConfigurationTests {
  /// One family for each way through the importer.
  private static let families = [
    "deepseek_v3", "gpt2", "gpt_oss", "llama", "mixtral", "qwen2_moe", "qwen3_moe",
  ]

  /// Every field that any family reads, with a legal value.
  private static let legal: [(name: String, value: String)] = [
    ("hidden_size", "64"), ("num_hidden_layers", "4"), ("num_attention_heads", "8"),
    ("num_key_value_heads", "2"), ("head_dim", "8"), ("intermediate_size", "128"),
    ("vocab_size", "1000"), ("max_position_embeddings", "512"), ("tie_word_embeddings", "true"),
    ("attention_bias", "false"), ("mlp_bias", "false"), ("qkv_bias", "true"),
    ("attention_dropout", "0.0"), ("resid_pdrop", "0.1"), ("sliding_window", "64"),
    ("use_sliding_window", "true"), ("max_window_layers", "2"), ("layer_types", "null"),
    ("num_experts", "16"), ("num_experts_per_tok", "4"), ("moe_intermediate_size", "32"),
    ("shared_expert_intermediate_size", "32"), ("n_shared_experts", "1"),
    ("decoder_sparse_step", "1"), ("mlp_only_layers", "[]"), ("first_k_dense_replace", "1"),
    ("moe_layer_freq", "1"), ("q_lora_rank", "16"), ("kv_lora_rank", "16"),
    ("qk_nope_head_dim", "8"), ("qk_rope_head_dim", "4"), ("v_head_dim", "8"),
    ("topk_method", "\"noaux_tc\""), ("num_nextn_predict_layers", "1"),
    ("router_aux_loss_coef", "0.001"), ("_name_or_path", "\"odd\""),
  ]

  private static let odd = [
    "null", "0", "-1", "7", "2.5", "1e6", "1e300", "true", "\"\"", "[null]", "{}",
  ]

  @Test("nothing traps", arguments: families)
  func everyFieldAndValue(family: String) throws {
    for (index, field) in Self.legal.enumerated() {
      for value in Self.odd {
        var fields = Self.legal
        fields[index].value = value
        let text = fields.map { "\"\($0.name)\": \($0.value)" }.joined(separator: ", ")
        do {
          let model = try imported("{\"model_type\": \"\(family)\", \(text)}")
          let count = model.parameters
          #expect(count.active > 0 && count.active <= count.total)
          #expect(model.modelFLOPs(sequenceLength: 16).count > 0 && !model.summary.isEmpty)
        } catch let error as ModelError {
          #expect(error.description.contains(field.name))
        }
      }
    }
  }
}
