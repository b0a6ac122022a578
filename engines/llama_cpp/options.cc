// One table of options, and the reader for it.
#include "options.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/options.h"
#include "rpc_hosts.h"

namespace tenfold::llama_cpp {
namespace {

const std::vector<std::string> cache_types = {"f32",  "f16",  "bf16", "q8_0",  "q4_0",
                                              "q4_1", "q5_0", "q5_1", "iq4_nl"};

ggml_type cache_type(const std::string& name) {
  for (int i = 0; i < GGML_TYPE_COUNT; ++i) {
    const auto type = static_cast<ggml_type>(i);
    if (name == ggml_type_name(type)) return type;
  }
  return GGML_TYPE_F16;
}

llama_rope_scaling_type rope_scaling(const std::string& name) {
  if (name == "none") return LLAMA_ROPE_SCALING_TYPE_NONE;
  if (name == "linear") return LLAMA_ROPE_SCALING_TYPE_LINEAR;
  if (name == "yarn") return LLAMA_ROPE_SCALING_TYPE_YARN;
  if (name == "longrope") return LLAMA_ROPE_SCALING_TYPE_LONGROPE;
  return LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED;
}

llama_load_mode load_mode(bool mmap, bool lock) {
  if (mmap) return lock ? LLAMA_LOAD_MODE_MMAP_MLOCK : LLAMA_LOAD_MODE_MMAP;
  return lock ? LLAMA_LOAD_MODE_MLOCK : LLAMA_LOAD_MODE_NONE;
}

Result<std::vector<LoraFile>> read_lora(std::string_view text) {
  std::vector<LoraFile> files;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view entry = text.substr(0, comma);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    LoraFile file;
    const auto semicolon = entry.rfind(';');
    file.path = std::string(entry.substr(0, semicolon));
    if (semicolon != std::string_view::npos) {
      const std::string_view scale = entry.substr(semicolon + 1);
      const auto [end, error] =
          std::from_chars(scale.data(), scale.data() + scale.size(), file.scale);
      if (error != std::errc() || end != scale.data() + scale.size()) {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("option lora: \"{}\" is not a number", scale),
                    "write PATH;SCALE, several separated by commas");
      }
    }
    if (file.path.empty()) {
      return fail(ErrorCode::invalid_argument, "option lora: a path is empty",
                  "write PATH;SCALE, several separated by commas");
    }
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

std::vector<OptionSpec> option_specs() {
  const auto setting = [](std::string name, OptionValue value, std::string help, double minimum = 0,
                          double maximum = 0) {
    return OptionSpec{std::move(name), std::move(value), std::move(help), {}, minimum, maximum};
  };
  const auto choice = [](std::string name, std::string value, std::string help,
                         std::vector<std::string> choices) {
    return OptionSpec{std::move(name), std::move(value), std::move(help), std::move(choices)};
  };
  const auto of_kind = [](OptionKind kind, OptionSpec spec) {
    spec.kind = kind;
    return spec;
  };
  return {
      setting("batch_size", std::int64_t{2048}, "Most tokens given to the library at once.", 1,
              65536),
      setting("micro_batch_size", std::int64_t{512}, "Most tokens computed at once.", 1, 65536),
      setting("mmap", true, "Map the model file instead of reading it into memory."),
      setting("mlock", false, "Keep the model in physical memory."),
      choice("kv_cache_type_k", "f16", "Type of the key cache.", cache_types),
      choice("kv_cache_type_v", "f16", "Type of the value cache.", cache_types),
      choice("flash_attention", "auto", "Use the fused attention kernel.", {"auto", "on", "off"}),
      of_kind(OptionKind::path,
              setting("lora", "",
                      "LoRA adapters in GGUF form: PATH or PATH;SCALE, separated by commas.")),
      choice("rope_scaling", "model", "How positions beyond the trained context are scaled.",
             {"model", "none", "linear", "yarn", "longrope"}),
      setting("rope_freq_base", 0.0, "RoPE base frequency; 0: the model's.", 0, 1e12),
      setting("rope_freq_scale", 0.0, "RoPE frequency factor; 0: the model's.", 0, 1e3),
      setting("yarn_original_context", std::int64_t{0},
              "Context the model was trained with, in tokens; 0: the model's.", 0, 1 << 30),
      setting("yarn_ext_factor", -1.0, "YaRN extrapolation mix; -1: the model's.", -1, 1e3),
      setting("yarn_attn_factor", -1.0, "YaRN attention magnitude; -1: the model's.", -1, 1e3),
      setting("yarn_beta_fast", -1.0, "YaRN high correction dimension; -1: the model's.", -1, 1e4),
      setting("yarn_beta_slow", -1.0, "YaRN low correction dimension; -1: the model's.", -1, 1e4),
      setting("repack", true, "Rearrange weights for this CPU while loading."),
      setting("poll", std::int64_t{50},
              "How long idle threads spin before they sleep: 0 (not at all) to 100.", 0, 100),
      of_kind(OptionKind::hosts,
              setting("rpc", "",
                      "Machines running `tenfold rpc-worker` that hold layers: HOST:PORT,…")),
      of_kind(
          OptionKind::layers_on_hosts,
          setting(
              "rpc_layers", std::int64_t{-1},
              "How many layers those machines hold, counted from the last (the output is one); -1: "
              "all.",
              -1, 1 << 20)),
  };
}

Result<Options> read_options(const LoadOptions& load) {
  const OptionValues values(load, option_specs());
  const auto count = [&](const char* name) {
    return static_cast<std::uint32_t>(values.integer(name));
  };
  Options options;
  options.model.load_mode = load_mode(values.flag("mmap"), values.flag("mlock"));
  options.model.use_extra_bufts = values.flag("repack");
  options.lora = TRY(read_lora(values.text("lora")));
  options.poll = count("poll");
  options.rpc_hosts = TRY(read_rpc_hosts(values.text("rpc")));
  options.model.n_gpu_layers = values.integer("rpc_layers");
  if (options.model.n_gpu_layers >= 0 && options.rpc_hosts.empty()) {
    return fail(ErrorCode::invalid_argument, "option rpc_layers needs the option rpc");
  }

  llama_context_params& context = options.context;
  context.n_batch = count("batch_size");
  context.n_ubatch = std::min(count("micro_batch_size"), context.n_batch);
  if (values.given("micro_batch_size") && count("micro_batch_size") > context.n_batch) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("option micro_batch_size ({}) is larger than batch_size ({})",
                            count("micro_batch_size"), context.n_batch));
  }
  options.key_type = values.text("kv_cache_type_k");
  options.value_type = values.text("kv_cache_type_v");
  context.type_k = cache_type(options.key_type);
  context.type_v = cache_type(options.value_type);
  const auto flash = values.text("flash_attention");
  context.flash_attn_type = flash == "on"    ? LLAMA_FLASH_ATTN_TYPE_ENABLED
                            : flash == "off" ? LLAMA_FLASH_ATTN_TYPE_DISABLED
                                             : LLAMA_FLASH_ATTN_TYPE_AUTO;
  if (flash == "off" && ggml_is_quantized(context.type_v)) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("option kv_cache_type_v: {} needs flash_attention", options.value_type),
                "set flash_attention to auto or on");
  }
  // A full cache for sliding-window layers would cost memory only to rewind farther.
  context.swa_full = false;
  context.rope_scaling_type = rope_scaling(values.text("rope_scaling"));
  context.rope_freq_base = values.real("rope_freq_base");
  context.rope_freq_scale = values.real("rope_freq_scale");
  context.yarn_orig_ctx = count("yarn_original_context");
  context.yarn_ext_factor = values.real("yarn_ext_factor");
  context.yarn_attn_factor = values.real("yarn_attn_factor");
  context.yarn_beta_fast = values.real("yarn_beta_fast");
  context.yarn_beta_slow = values.real("yarn_beta_slow");
  options.stretches_context = context.rope_scaling_type > LLAMA_ROPE_SCALING_TYPE_NONE ||
                              context.rope_freq_base != 0 || context.rope_freq_scale != 0;
  return options;
}

}  // namespace tenfold::llama_cpp
