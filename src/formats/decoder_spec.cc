#include "formats/decoder_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "formats/packed_form.h"

namespace tenfold {
namespace {

using nlohmann::json;

constexpr int most_decoder_layers = 1024;
constexpr int widest_hidden = 1 << 17;
constexpr int most_heads = 1024;
constexpr int largest_head = 1024;
constexpr int largest_feed_forward = 1 << 20;
constexpr int largest_vocabulary = 1 << 22;
constexpr int longest_trained = 1 << 30;
constexpr double largest_multiplier = 1e6;

float inverse_root(double value) { return static_cast<float>(1 / std::sqrt(value)); }

/// What an architecture's own defaults are, where its configurations leave fields out.
struct Defaults {
  std::optional<int> heads;
  std::optional<int> cache_heads;
  std::optional<int> head_size;
  std::optional<int> vocabulary;
  std::optional<int> context;
  double base = 10'000;
  double rotary_share = 1;
  const char* activation = "silu";
  const char* epsilon_key = "rms_norm_eps";
  double epsilon = 1e-6;
  double local_base = 0;  ///< where windowed layers have rotary positions of their own
};

// gemma-3-4b's text_config has only what is not so.
constexpr Defaults gemma3_defaults{
    8, 4, 256, 262'208, 131'072, 1'000'000, 1, "gelu_pytorch_tanh", "rms_norm_eps", 1e-6, 10'000};

Result<Activation> read_activation(const ConfigFields& config, const std::string& usual) {
  const char* key = config.has("hidden_activation") ? "hidden_activation" : "hidden_act";
  std::string name = TRY(config.text(key));
  if (name.empty()) name = usual;
  if (name == "silu" || name == "swish") return Activation::silu;
  if (name == "gelu_pytorch_tanh" || name == "gelu_new") return Activation::gelu_tanh;
  if (name == "gelu") return Activation::gelu;
  return config.not_computed("the activation " + quoted_value(name));
}

/// rope_parameters as transformers 5 writes them, rope_scaling, or what both say.
Result<ConfigFields> scaling_of(const ConfigFields& config) {
  const ConfigFields older = TRY(config.part("rope_scaling"));
  const ConfigFields newer = TRY(config.part("rope_parameters"));
  if (!config.has("rope_parameters")) return older;
  json both = config.value("rope_parameters");
  const json added = config.value("rope_scaling");
  for (const auto& [key, value] : added.items()) {
    if (newer.has(key) && both[key] != value) {
      return config.wrong("rope_scaling", "what rope_parameters says");
    }
    both[key] = value;
  }
  return ConfigFields(std::move(both), newer.name());
}

Result<RotarySpec> rotary_of(const ConfigFields& scaling, const ConfigFields& config, int head_size,
                             const Defaults& usual, const char* base_key = "rope_theta") {
  const double base =
      TRY(scaling.has("rope_theta") ? scaling.real("rope_theta", 1.001, 1e12)
                                    : config.real(base_key, 1.001, 1e12, usual.base));
  const char* share_key = config.has("rope_pct") ? "rope_pct" : "partial_rotary_factor";
  const double share =
      TRY((scaling.has(share_key) ? scaling : config).real(share_key, 1e-3, 1, usual.rotary_share));
  const int size = static_cast<int>(head_size * share);
  if (size < 2 || size % 2 != 0) {
    return config.not_computed(fmt::format("turning {} of {} numbers of a head", size, head_size));
  }
  return read_rotary(scaling, config, size, base);
}

/// The tables of the layers, which rope_parameters may have by the kind of layer.
Result<void> read_rotaries(const ConfigFields& config, const Defaults& usual, DecoderSpec& spec) {
  const ConfigFields scaling = TRY(scaling_of(config));
  const ConfigFields full = TRY(scaling.part("full_attention"));
  const ConfigFields local = TRY(scaling.part("sliding_attention"));
  const bool by_kind = scaling.has("full_attention") || scaling.has("sliding_attention");
  const bool has_local_base = usual.local_base > 0;
  const bool has_local = std::ranges::any_of(spec.layers, &LayerSpec::is_local);
  if (by_kind) {
    for (const char* key : {"rope_type", "type", "factor"}) {
      if (scaling.has(key)) return scaling.wrong(key, "in the part of a kind of layer");
    }
    constexpr std::string_view wanted = "the rotary positions of such layers";
    if (!has_local_base && !scaling.has("full_attention")) {
      return scaling.wrong("full_attention", wanted);
    }
    if (!has_local_base && has_local && !scaling.has("sliding_attention")) {
      return scaling.wrong("sliding_attention", wanted);
    }
  }
  spec.rotary = TRY(rotary_of(by_kind ? full : scaling, config, spec.head_size, usual));
  if (!has_local_base && !(by_kind && has_local)) return {};
  Defaults of_local = usual;
  if (has_local_base) of_local.base = usual.local_base;
  spec.local_rotary = TRY(rotary_of(local, config, spec.head_size, of_local,
                                    has_local_base ? "rope_local_base_freq" : "rope_theta"));
  // What is held is computed again at the border of the others only.
  if (spec.local_rotary.border > 0) return local.not_computed("\"longrope\"");
  return {};
}

Result<void> read_sizes(const ConfigFields& config, const Defaults& usual, DecoderSpec& spec) {
  spec.hidden = TRY(config.whole("hidden_size", 1, widest_hidden));
  spec.heads = TRY(config.whole("num_attention_heads", 1, most_heads, usual.heads));
  spec.cache_heads = TRY(config.whole("num_key_value_heads", 1, most_heads,
                                      usual.cache_heads ? usual.cache_heads : spec.heads));
  if (spec.heads % spec.cache_heads != 0) {
    return config.wrong("num_key_value_heads", "a divisor of num_attention_heads");
  }
  const bool has_head = config.has("head_dim") || usual.head_size;
  if (!has_head && spec.hidden % spec.heads != 0) {
    return config.wrong("num_attention_heads", "a divisor of hidden_size");
  }
  spec.head_size = has_head ? TRY(config.whole("head_dim", 2, largest_head, usual.head_size))
                            : spec.hidden / spec.heads;
  if (spec.head_size > largest_head || spec.head_size % 2 != 0) {
    return config.wrong("num_attention_heads", "one that gives heads of up to 1024 numbers, even");
  }
  spec.feed_forward = TRY(config.whole("intermediate_size", 1, largest_feed_forward));
  spec.vocabulary = TRY(config.whole("vocab_size", 1, largest_vocabulary, usual.vocabulary));
  spec.context = TRY(config.whole("max_position_embeddings", 1, longest_trained, usual.context));
  spec.layers.resize(
      static_cast<std::size_t>(TRY(config.whole("num_hidden_layers", 1, most_decoder_layers))));
  spec.epsilon = static_cast<float>(TRY(config.real(usual.epsilon_key, 0, 1, usual.epsilon)));
  if (config.has("tie_word_embeddings")) spec.tied = TRY(config.flag("tie_word_embeddings", true));
  return {};
}

constexpr int usual_window = 4096;

/// The windows by layer_types, or by `is_usual(layer)` where there are none; of `usual` tokens, and
/// used as `usually_used` says, where the configuration leaves that out.
template <typename IsUsual>
Result<void> read_windows(const ConfigFields& config, DecoderSpec& spec, const IsUsual& is_usual,
                          int usual = 0, bool usually_used = true) {
  const bool used = TRY(config.flag("use_sliding_window", usually_used));
  const int size = config.leaves_out("sliding_window")
                       ? usual
                       : TRY(config.whole("sliding_window", 1, longest_trained, 0));
  const int window = used ? size : 0;
  const json types = config.value("layer_types");
  if (!types.is_null() && (!types.is_array() || types.size() != spec.layers.size())) {
    return config.wrong("layer_types", "a list with a text for each layer");
  }
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    bool windowed = types.is_null() && is_usual(static_cast<int>(i));
    if (!types.is_null()) {
      windowed = types[i] == "sliding_attention";
      if (!windowed && types[i] != "full_attention") {
        return config.not_computed("a layer of the type " + quoted_value(types[i]));
      }
    }
    spec.layers[i].window = windowed ? window : 0;
    spec.layers[i].is_local = windowed;
  }
  return {};
}

constexpr auto no_layer = [](int) { return false; };
constexpr auto every_layer = [](int) { return true; };

Result<void> read_attention_bias(const ConfigFields& config, DecoderSpec& spec) {
  spec.query_key_value_bias = spec.output_bias = TRY(config.flag("attention_bias", false));
  spec.feed_forward_bias = TRY(config.flag("mlp_bias", false));
  return {};
}

Result<void> read_llama(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_attention_bias(config, spec));
  return read_windows(config, spec, no_layer);
}

Result<void> read_mistral(const ConfigFields& config, DecoderSpec& spec) {
  return read_windows(config, spec, every_layer, usual_window);
}

Result<void> read_qwen_windows(const ConfigFields& config, DecoderSpec& spec) {
  const int first = TRY(config.whole("max_window_layers", 0, most_decoder_layers, 28));
  const auto is_late = [&](int layer) { return layer >= first; };
  return read_windows(config, spec, is_late, usual_window, false);
}

Result<void> read_qwen2(const ConfigFields& config, DecoderSpec& spec) {
  spec.query_key_value_bias = true;
  return read_qwen_windows(config, spec);
}

Result<void> read_qwen3(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_attention_bias(config, spec));
  spec.query_norm = QueryNorm::per_head;
  return read_qwen_windows(config, spec);
}

/// Of scores or logits: `usual` where the configuration leaves it out, none where it is null.
Result<float> read_cap(const ConfigFields& config, const char* key, double usual) {
  if (config.leaves_out(key)) return static_cast<float>(usual);
  return static_cast<float>(TRY(config.real(key, 0, largest_multiplier, 0)));
}

Result<void> read_gemma(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_attention_bias(config, spec));
  spec.norm = NormKind::rms_plus_one;
  spec.norms_after = true;
  spec.embedding_scale = std::sqrt(static_cast<float>(spec.hidden));
  spec.attention_scale =
      inverse_root(TRY(config.real("query_pre_attn_scalar", 1e-3, largest_multiplier, 256)));
  return {};
}

Result<void> read_gemma2(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_gemma(config, spec));
  spec.attention_cap = TRY(read_cap(config, "attn_logit_softcapping", 50));
  spec.logit_cap = TRY(read_cap(config, "final_logit_softcapping", 30));
  return read_windows(
      config, spec, [](int layer) { return layer % 2 == 0; }, usual_window);
}

Result<void> read_gemma3(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_gemma(config, spec));
  spec.query_norm = QueryNorm::per_head;
  spec.attention_cap = TRY(read_cap(config, "attn_logit_softcapping", 0));
  spec.logit_cap = TRY(read_cap(config, "final_logit_softcapping", 0));
  if (TRY(config.flag("use_bidirectional_attention", false))) {
    return config.not_computed("attention in both directions");
  }
  const int pattern = TRY(config.whole("sliding_window_pattern", 1, most_decoder_layers, 6));
  return read_windows(
      config, spec, [&](int layer) { return (layer + 1) % pattern != 0; }, usual_window);
}

Result<void> read_phi3(const ConfigFields& config, DecoderSpec& spec) {
  spec.joint_query_key_value = spec.joint_gate_up = true;
  return read_windows(config, spec, every_layer);
}

Result<void> read_smollm3(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_attention_bias(config, spec));
  const int interval = TRY(config.whole("no_rope_layer_interval", 1, most_decoder_layers, 4));
  const bool listed = config.has("no_rope_layers");
  const auto flags = listed ? TRY(config.reals("no_rope_layers", spec.layers.size(), 0, 1))
                            : std::vector<double>();
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    spec.layers[i].has_rotary = listed ? flags[i] != 0 : (static_cast<int>(i) + 1) % interval != 0;
  }
  const auto has_none = [&](int layer) {
    return !spec.layers[static_cast<std::size_t>(layer)].has_rotary;
  };
  return read_windows(config, spec, has_none, 0, false);
}

Result<void> read_granite(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_attention_bias(config, spec));
  const auto multiplier = [&](const char* key) {
    return config.real(key, 1 / largest_multiplier, largest_multiplier, 1);
  };
  spec.embedding_scale = static_cast<float>(TRY(multiplier("embedding_multiplier")));
  spec.residual_scale = static_cast<float>(TRY(multiplier("residual_multiplier")));
  spec.attention_scale = static_cast<float>(TRY(multiplier("attention_multiplier")));
  spec.logit_scale = static_cast<float>(1 / TRY(multiplier("logits_scaling")));
  return read_windows(config, spec, no_layer);
}

Result<void> read_olmo2(const ConfigFields& config, DecoderSpec& spec) {
  TRY(read_attention_bias(config, spec));
  spec.feed_forward_bias = false;
  spec.norms_before = false;
  spec.norms_after = true;
  spec.query_norm = QueryNorm::whole;
  return read_windows(config, spec, no_layer);
}

Result<void> read_stablelm(const ConfigFields& config, DecoderSpec& spec) {
  spec.norm = NormKind::layer;
  spec.query_key_value_bias = TRY(config.flag("use_qkv_bias", false));
  spec.is_parallel = TRY(config.flag("use_parallel_residual", false));
  if (TRY(config.flag("qk_layernorm", false))) {
    return config.not_computed("a norm of its own for each head");
  }
  return read_windows(config, spec, no_layer);
}

struct Architecture {
  std::string_view name;
  Result<void> (*read)(const ConfigFields&, DecoderSpec&);
  Defaults usual = {};
};

constexpr Defaults gelu_defaults{
    {}, {}, {}, {}, {}, 10'000, 1, "gelu_pytorch_tanh", "rms_norm_eps"};
constexpr Defaults stablelm_defaults{{},  {}, {}, {}, {}, 10'000, 0.25, "silu", "layer_norm_eps",
                                     1e-5};
constexpr Defaults coarse_defaults{{}, {}, {}, {}, {}, 10'000, 1, "silu", "rms_norm_eps", 1e-5};
constexpr Defaults smollm3_defaults{{}, {}, {}, {}, {}, 2'000'000};

constexpr std::array<Architecture, 12> architectures{
    {{"llama", read_llama},
     {"mistral", read_mistral},
     {"qwen2", read_qwen2},
     {"qwen3", read_qwen3},
     {"gemma2", read_gemma2, gelu_defaults},
     {"gemma3", read_gemma3, gemma3_defaults},
     {"gemma3_text", read_gemma3, gemma3_defaults},
     {"phi3", read_phi3, coarse_defaults},
     {"smollm3", read_smollm3, smollm3_defaults},
     {"granite", read_granite},
     {"olmo2", read_olmo2, coarse_defaults},
     {"stablelm", read_stablelm, stablelm_defaults}}};

Error unknown(const std::string& path, const std::string& type) {
  std::string known;
  for (const Architecture& one : architectures) {
    if (!known.empty()) known += ", ";
    known += one.name;
  }
  return fail(ErrorCode::unsupported,
              type.empty() ? fmt::format("{} has no model_type that says what the model is", path)
                           : fmt::format("{}: models of the type {} are not computed", path,
                                         quoted_value(type)),
              "take a GGUF file of the model, or a model of one of these: " + known);
}

/// Other kinds have other heads than the one that gives logits.
Result<void> check_is_causal(const ConfigFields& config) {
  const json kinds = config.value("architectures");
  if (kinds.is_null()) return {};
  if (!kinds.is_array()) return config.wrong("architectures", "a list of texts");
  for (const json& kind : kinds) {
    const std::string name = kind.is_string() ? kind.get<std::string>() : "";
    if (!name.ends_with("ForCausalLM") && !name.ends_with("ForConditionalGeneration")) {
      return config.not_computed("a model that is " + quoted_value(kind));
    }
  }
  return {};
}

}  // namespace

std::optional<PackedForm> DecoderSpec::form_of(const std::string& name) const {
  const auto own = packed_by_name.find(name);
  return own == packed_by_name.end() ? packed : own->second;
}

Result<DecoderSpec> read_decoder_spec(const json& whole, const std::string& path) {
  const ConfigFields outer(whole, path);
  const ConfigFields inner = TRY(outer.part("text_config"));
  const std::string type = TRY(outer.text("model_type"));
  const auto* known = std::ranges::find(architectures, type, &Architecture::name);
  if (known == architectures.end()) return unknown(path, type);
  TRY(check_is_causal(outer));
  const ConfigFields& config = inner.has("hidden_size") ? inner : outer;
  if (TRY(config.flag("rope_traditional", false))) {
    return config.not_computed("rope_traditional, which turns neighbours");
  }

  DecoderSpec spec;
  spec.architecture = type;
  TRY(read_sizes(config, known->usual, spec));
  spec.activation = TRY(read_activation(config, known->usual.activation));
  spec.attention_scale = inverse_root(spec.head_size);
  TRY(known->read(config, spec));
  TRY(read_rotaries(config, known->usual, spec));
  TRY(read_packed_forms(outer, spec));
  return spec;
}

}  // namespace tenfold
