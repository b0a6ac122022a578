// What a decoder is made of, read from the config.json of a folder of safetensors: everything that
// tells one family of language models from another, so that one graph computes them all.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "formats/rotary_spec.h"
#include "tenfold/result.h"

namespace tenfold {

enum class NormKind {
  rms,           ///< x / rms(x) · w
  rms_plus_one,  ///< x / rms(x) · (1 + w), as Gemma writes its weights
  layer,         ///< (x - mean) / deviation · w + b
};

enum class QueryNorm {
  none,
  per_head,  ///< over each head
  whole,     ///< over all heads together
};

enum class Activation { silu, gelu_tanh, gelu };

/// How the numbers of a matrix are packed (https://ml-explore.github.io/mlx, "quantize").
struct PackedForm {
  enum class Kind {
    affine,  ///< scale · q + bias by groups; q of `bits` in 32-bit words, the lowest bits first
    mxfp4,   ///< e2m1 numbers in groups of 32 with an e8m0 exponent each, without biases
  };
  Kind kind = Kind::affine;
  int bits = 0;
  int group = 0;
  bool operator==(const PackedForm&) const = default;
};

struct LayerSpec {
  int window = 0;  ///< tokens that it sees, its own included; 0: all
  bool has_rotary = true;
  bool is_local = false;  ///< has DecoderSpec::local_rotary
};

struct DecoderSpec {
  std::string architecture;  ///< "llama"
  int hidden = 0;
  int heads = 0;
  int cache_heads = 0;  ///< divides `heads`
  int head_size = 0;    ///< even
  int feed_forward = 0;
  int vocabulary = 0;
  std::int64_t context = 0;  ///< tokens it was trained for
  std::vector<LayerSpec> layers;

  NormKind norm = NormKind::rms;
  float epsilon = 0;
  bool norms_before = true;  ///< of attention and feed-forward
  bool norms_after = false;  ///< of what these add to the residual
  bool is_parallel = false;  ///< both read the same norm, and are added at once
  QueryNorm query_norm = QueryNorm::none;
  Activation activation = Activation::silu;

  bool joint_query_key_value = false;  ///< one matrix, "qkv_proj"
  bool joint_gate_up = false;          ///< one matrix, "gate_up_proj"
  bool query_key_value_bias = false;
  bool output_bias = false;
  bool feed_forward_bias = false;
  /// Whether the embeddings are the output matrix; unset: where there is no lm_head.
  std::optional<bool> tied;

  float embedding_scale = 1;
  float attention_scale = 1;
  float residual_scale = 1;
  float logit_scale = 1;
  float attention_cap = 0;  ///< scores s become cap · tanh(s / cap); 0: they stay
  float logit_cap = 0;

  RotarySpec rotary;
  RotarySpec local_rotary;  ///< of the layers that are local

  std::optional<PackedForm> packed;  ///< of matrices that have scales beside them
  /// By the matrix' name without ".weight"; null: it is not packed.
  std::map<std::string, std::optional<PackedForm>> packed_by_name;

  /// How the matrix called so is packed if it has scales; null: nothing says how.
  [[nodiscard]] std::optional<PackedForm> form_of(const std::string& name) const;
};

/// The model_type of `config`, or of its text_config, is one that read_decoder_spec() knows.
/// `path` names the file in errors. unsupported, naming it and those that are known, for another
/// architecture, and naming the field for a variant that is not computed; bad_model, naming the
/// field, for a value out of range.
Result<DecoderSpec> read_decoder_spec(const nlohmann::json& config, const std::string& path);

}  // namespace tenfold
