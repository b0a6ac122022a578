// Tensor names and shapes as llama.cpp 0.6.0 demands them (src/models/*.cpp).
#include "testing/small_models.h"

#include <fmt/format.h>

#include <random>

namespace tenfold::llama_cpp {
namespace {

constexpr std::uint32_t width = 32;
constexpr std::uint32_t feed_forward = 64;

/// Adds tensors of reproducible random numbers.
class Weights {
 public:
  explicit Weights(GgufBuilder& builder) : builder_(builder) {}

  Weights& matrix(const std::string& name, std::uint64_t in, std::uint64_t out) {
    return fill(name, {in, out}, 0, 0.3F);
  }
  Weights& row(const std::string& name, std::uint64_t size, float mean = 1) {
    return fill(name, {size}, mean, 0.1F);
  }
  Weights& fill(const std::string& name, const std::vector<std::uint64_t>& shape, float mean,
                float deviation) {
    std::uint64_t count = 1;
    for (const std::uint64_t size : shape) count *= size;
    std::normal_distribution<float> numbers(mean, deviation);
    std::vector<float> values(count);
    for (float& value : values) value = numbers(random_);
    builder_.tensor(name, shape, values);
    return *this;
  }

 private:
  GgufBuilder& builder_;
  std::mt19937 random_{7};
};

/// SentencePiece vocabulary: control tokens, all bytes, space and small letters.
std::uint64_t add_vocabulary(GgufBuilder& builder) {
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
  std::vector<std::int32_t> types = {2, 3, 3};
  for (int byte = 0; byte < 256; ++byte) {
    tokens.push_back(fmt::format("<0x{:02X}>", byte));
    types.push_back(6);
  }
  tokens.emplace_back("\xe2\x96\x81");
  for (char letter = 'a'; letter <= 'z'; ++letter) tokens.emplace_back(1, letter);
  tokens.emplace_back("a token longer than sixty-four bytes, to need a second call for its text");
  types.resize(tokens.size(), 1);
  builder.text("tokenizer.ggml.model", "llama")
      .texts("tokenizer.ggml.tokens", tokens)
      .array("tokenizer.ggml.scores", GgufType::float32, std::vector<float>(tokens.size(), 0))
      .array("tokenizer.ggml.token_type", GgufType::int32, types)
      .integer("tokenizer.ggml.bos_token_id", 1)
      .integer("tokenizer.ggml.eos_token_id", 2);
  return tokens.size();
}

GgufBuilder start(const std::string& architecture, std::uint32_t layers, std::uint32_t context,
                  std::uint32_t heads = 4) {
  GgufBuilder builder;
  builder.text("general.architecture", architecture)
      .integer(architecture + ".block_count", layers)
      .integer(architecture + ".context_length", context)
      .integer(architecture + ".embedding_length", width)
      .integer(architecture + ".feed_forward_length", feed_forward)
      .integer(architecture + ".attention.head_count", heads)
      .real(architecture + ".attention.layer_norm_rms_epsilon", 1e-5F);
  return builder;
}

std::string block(std::uint32_t layer, std::string_view name) {
  return fmt::format("blk.{}.{}.weight", layer, name);
}

}  // namespace

GgufBuilder small_llama() {
  GgufBuilder builder = start("llama", 2, 128);
  builder.integer("llama.attention.head_count_kv", 2)
      .integer("llama.rope.dimension_count", 8)
      .text("general.name", "Small")
      .text("tokenizer.chat_template", "{{ messages[0].content }}");
  const std::uint64_t vocabulary = add_vocabulary(builder);
  Weights weights(builder);
  weights.matrix("token_embd.weight", width, vocabulary).row("output_norm.weight", width);
  for (std::uint32_t i = 0; i < 2; ++i) {
    weights.row(block(i, "attn_norm"), width)
        .matrix(block(i, "attn_q"), width, width)
        .matrix(block(i, "attn_k"), width, width / 2)
        .matrix(block(i, "attn_v"), width, width / 2)
        .matrix(block(i, "attn_output"), width, width)
        .row(block(i, "ffn_norm"), width)
        .matrix(block(i, "ffn_gate"), width, feed_forward)
        .matrix(block(i, "ffn_up"), width, feed_forward)
        .matrix(block(i, "ffn_down"), feed_forward, width);
  }
  return builder;
}

GgufBuilder small_gemma3() {
  GgufBuilder builder = start("gemma3", 6, 2048);
  builder.integer("gemma3.attention.head_count_kv", 1)
      .integer("gemma3.attention.key_length", 8)
      .integer("gemma3.attention.value_length", 8)
      .integer("gemma3.attention.sliding_window", 8);
  const std::uint64_t vocabulary = add_vocabulary(builder);
  Weights weights(builder);
  weights.matrix("token_embd.weight", width, vocabulary).row("output_norm.weight", width);
  for (std::uint32_t i = 0; i < 6; ++i) {
    weights.row(block(i, "attn_norm"), width)
        .matrix(block(i, "attn_q"), width, 32)
        .matrix(block(i, "attn_k"), width, 8)
        .matrix(block(i, "attn_v"), width, 8)
        .matrix(block(i, "attn_output"), 32, width)
        .row(block(i, "attn_q_norm"), 8)
        .row(block(i, "attn_k_norm"), 8)
        .row(block(i, "post_attention_norm"), width)
        .row(block(i, "ffn_norm"), width)
        .matrix(block(i, "ffn_gate"), width, feed_forward)
        .matrix(block(i, "ffn_up"), width, feed_forward)
        .matrix(block(i, "ffn_down"), feed_forward, width)
        .row(block(i, "post_ffw_norm"), width);
  }
  return builder;
}

GgufBuilder small_mamba() {
  constexpr std::uint64_t inner_width = 2 * width;
  constexpr std::uint64_t state_size = 8;
  constexpr std::uint64_t time_rank = 4;
  GgufBuilder builder = start("mamba", 2, 256, 0);
  builder.integer("mamba.ssm.conv_kernel", 4)
      .integer("mamba.ssm.inner_size", inner_width)
      .integer("mamba.ssm.state_size", state_size)
      .integer("mamba.ssm.time_step_rank", time_rank);
  const std::uint64_t vocabulary = add_vocabulary(builder);
  Weights weights(builder);
  weights.matrix("token_embd.weight", width, vocabulary).row("output_norm.weight", width);
  for (std::uint32_t i = 0; i < 2; ++i) {
    weights.row(block(i, "attn_norm"), width)
        .matrix(block(i, "ssm_in"), width, 2 * inner_width)
        .matrix(block(i, "ssm_conv1d"), 4, inner_width)
        .row(fmt::format("blk.{}.ssm_conv1d.bias", i), inner_width, 0)
        .matrix(block(i, "ssm_x"), inner_width, time_rank + 2 * state_size)
        .matrix(block(i, "ssm_dt"), time_rank, inner_width)
        .row(fmt::format("blk.{}.ssm_dt.bias", i), inner_width, 0)
        .fill(fmt::format("blk.{}.ssm_a", i), {state_size, inner_width}, -1, 0.1F)
        .row(fmt::format("blk.{}.ssm_d", i), inner_width)
        .matrix(block(i, "ssm_out"), inner_width, width);
  }
  return builder;
}

GgufBuilder small_bert() {
  GgufBuilder builder = start("bert", 1, 64);
  builder.real("bert.attention.layer_norm_epsilon", 1e-5F)
      .entry("bert.attention.causal", GgufType::boolean, std::string(1, '\0'))
      .integer("bert.pooling_type", 1)
      .integer("tokenizer.ggml.token_type_count", 2);
  const std::uint64_t vocabulary = add_vocabulary(builder);
  Weights weights(builder);
  weights.matrix("token_embd.weight", width, vocabulary)
      .matrix("position_embd.weight", width, 64)
      .row("token_embd_norm.weight", width)
      .row("token_embd_norm.bias", width, 0);
  for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"}) {
    weights.matrix(block(0, name), width, width);
  }
  weights.row(block(0, "attn_output_norm"), width)
      .row("blk.0.attn_output_norm.bias", width, 0)
      .matrix(block(0, "ffn_up"), width, feed_forward)
      .matrix(block(0, "ffn_down"), feed_forward, width)
      .row(block(0, "layer_output_norm"), width)
      .row("blk.0.layer_output_norm.bias", width, 0);
  return builder;
}

GgufBuilder small_lora() {
  GgufBuilder builder;
  builder.text("general.type", "adapter")
      .text("general.architecture", "llama")
      .text("adapter.type", "lora")
      .real("adapter.lora.alpha", 8);
  Weights(builder)
      .matrix("blk.0.attn_q.weight.lora_a", width, 4)
      .matrix("blk.0.attn_q.weight.lora_b", 4, width)
      .matrix("blk.1.ffn_down.weight.lora_a", feed_forward, 4)
      .matrix("blk.1.ffn_down.weight.lora_b", 4, width);
  return builder;
}

}  // namespace tenfold::llama_cpp
