// The table of the ten engines.
#include "engine/table.h"

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

constexpr std::array<std::string_view, 24> core_options{"temperature",
                                                        "top_k",
                                                        "top_p",
                                                        "min_p",
                                                        "repeat_penalty",
                                                        "presence_penalty",
                                                        "frequency_penalty",
                                                        "penalty_window",
                                                        "seed",
                                                        "logit_bias",
                                                        "max_tokens",
                                                        "stop",
                                                        "logprobs",
                                                        "json_schema",
                                                        "regex",
                                                        "grammar",
                                                        "tools",
                                                        "tool_choice",
                                                        "parallel_tool_calls",
                                                        "deadline_ms",
                                                        "allow_repetition",
                                                        "ignore_end",
                                                        "split_reasoning",
                                                        "think"};

// These two bring their own text loop, so they have only what their interfaces offer, plus what
// can be done to finished text.
constexpr std::array<std::string_view, 10> picollm_options{
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "seed",
    "max_tokens",  "stop",  "logprobs",         "deadline_ms",       "split_reasoning"};
constexpr std::array<std::string_view, 9> apple_options{
    "temperature",         "top_k",      "top_p", "seed", "max_tokens", "json_schema", "tools",
    "parallel_tool_calls", "deadline_ms"};

#ifdef __APPLE__
constexpr bool on_apple = true;
#else
constexpr bool on_apple = false;
#endif

/// Apple's framework there; elsewhere programs of its format on kernels of our own.
constexpr std::string_view coreml_title = on_apple ? "Core ML" : "Core ML (MIL runtime)";

constexpr std::string_view wait = "nothing yet: wait for the version that brings it";
constexpr std::string_view not_yet = "not part of this version of Tenfold yet";

/// Engines that give logits, with all that the generation core makes of them.
constexpr EngineTraits token_engine() {
  EngineTraits traits;
  traits.chat_prompts = traits.system_role = traits.text_prompts = traits.token_prompts = true;
  traits.token_ids = traits.prepare = traits.score = true;
  traits.resumes = traits.prefix_reuse = true;
  return traits;
}

constexpr EngineTraits llama_cpp() {
  EngineTraits traits = token_engine();
  traits.embeddings = true;
  traits.max_sequences = 256;
  return traits;
}

constexpr EngineTraits mlx() {
  EngineTraits traits = token_engine();
  traits.embeddings = true;
  return traits;
}

/// A model of MLC-LLM is a library of machine code beside its weights.
constexpr EngineTraits mlc() {
  EngineTraits traits = token_engine();
  traits.needs_executable_memory = true;
  traits.max_sequences = 256;
  return traits;
}

/// Its AccessKey is checked by Picovoice's server. It may keep prefixes, but does not tell.
constexpr EngineTraits picollm() {
  EngineTraits traits;
  traits.chat_prompts = traits.system_role = traits.text_prompts = true;
  traits.prepare = traits.score = traits.embeddings = true;
  traits.fixed_context = traits.needs_network = true;
  return traits;
}

constexpr EngineTraits apple_foundation() {
  EngineTraits traits;
  traits.chat_prompts = traits.system_role = traits.text_prompts = true;
  traits.fixed_context = true;
  return traits;
}

constexpr std::array<std::string_view, 1> threads{"threads"};
constexpr std::span<const std::string_view> none;
constexpr std::string_view no_model;

constexpr std::span<const OptionUse> no_uses;
constexpr std::array<OptionUse, 3> llama_cpp_uses{{{"lora", OptionKind::path},
                                                   {"rpc", OptionKind::hosts},
                                                   {"rpc_layers", OptionKind::layers_on_hosts}}};
constexpr std::array<OptionUse, 1> mlc_uses{{{"library", OptionKind::path}}};
constexpr std::array<OptionUse, 1> litert_uses{{{"weight_cache", OptionKind::folder, true}}};
constexpr std::array<OptionUse, 2> picollm_uses{
    {{"access_key", OptionKind::secret}, {"context_folder", OptionKind::folder}}};

constexpr std::array<EngineEntry, 10> engines{{
    {"llama_cpp", "llama.cpp", "gguf",
     "it is built by default: run ./tenfold chat, or install Tenfold again",
     "its worker program tenfold-engine-llama_cpp is not installed beside this program", true,
     llama_cpp(), core_options, threads, llama_cpp_uses},
    {"coreml", coreml_title, "mlpackage,mlmodelc,anemll", "run ./tenfold engines add coreml",
     "its worker program tenfold-engine-coreml is not installed beside this program", true,
     token_engine(), core_options, threads, no_uses},
    {"mlx", "MLX", "safetensors", "run ./tenfold engines add mlx",
     "its worker program tenfold-engine-mlx is not installed beside this program", true, mlx(),
     core_options, threads, no_uses},
    {"mlc", "MLC-LLM", "mlc", "run ./tenfold engines add mlc",
     "its worker program tenfold-engine-mlc is not installed beside this program", true, mlc(),
     core_options, threads, mlc_uses},
    {"onnxruntime", "ONNX Runtime", "onnx", "run ./tenfold engines add onnxruntime",
     "its worker program tenfold-engine-onnxruntime is not installed beside this program", true,
     token_engine(), core_options, none, no_uses},
    {"executorch", "ExecuTorch", "pte", "run ./tenfold engines add executorch",
     "its worker program tenfold-engine-executorch is not installed beside this program", true,
     token_engine(), core_options, none, no_uses},
    {"litert", "LiteRT", "tflite,litertlm,task", "run ./tenfold engines add litert",
     "its worker program tenfold-engine-litert is not installed beside this program", true,
     token_engine(), core_options, none, litert_uses},
    {"picollm", "picoLLM", "pllm",
     "run ./tenfold engines add picollm; to run a model it needs an AccessKey from "
     "https://console.picovoice.ai and the internet (docs/picollm.md)",
     "its worker program tenfold-engine-picollm is not installed beside this program", true,
     picollm(), picollm_options, none, picollm_uses, no_model,
     "picoLLM has its AccessKey checked over the internet by Picovoice's server; by its "
     "maker's word, prompts and answers stay on this machine",
     "it reads the file, or waits for Picovoice's server (kmp1.picovoice.net) to check the "
     "AccessKey"},
    {"swift_transformers", "Swift Transformers", "mlpackage,mlmodelc", wait, not_yet, true,
     token_engine(), core_options, none, no_uses},
    {"apple_foundation", "Apple Foundation Models", "built into macOS",
     on_apple
         ? "run deps/fetch apple_foundation and build Tenfold again (docs/apple_foundation.md; no "
           "Mac has done it yet)"
         : "use a Mac with macOS 26 or later and Apple Intelligence turned on "
           "(docs/apple_foundation.md; no Mac has built it yet)",
     on_apple ? "its worker program tenfold-engine-apple_foundation is not installed beside this "
                "program"
              : "it cannot exist on this operating system: the model is part of macOS 26 with "
                "Apple Intelligence",
     on_apple, apple_foundation(), apple_options, none, no_uses, "apple-foundation"},
}};

/// Formats that are known for what they are, and that no engine opens.
struct UnopenedFormat {
  std::string_view name;
  std::string_view reason;
  std::string_view instead;
};
constexpr std::array<UnopenedFormat, 1> unopened_formats{{
    {"tokenizer", "it is a tokenizer without a model", "name the model's own file or folder"},
}};

std::vector<std::string> formats_of(const EngineEntry& entry) {
  std::vector<std::string> formats;
  std::string_view rest = entry.formats;
  while (true) {
    const std::size_t comma = rest.find(',');
    formats.emplace_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) return formats;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace

std::span<const std::string_view> core_request_options() { return core_options; }

std::span<const EngineEntry> engine_table() { return engines; }

const EngineEntry* find_engine(std::string_view id) {
  const auto found = std::ranges::find(engines, id, &EngineEntry::id);
  return found == engines.end() ? nullptr : &*found;
}

OptionKind option_kind(const EngineEntry& engine, std::string_view name) {
  const auto use = std::ranges::find(engine.option_uses, name, &OptionUse::name);
  return use == engine.option_uses.end() ? OptionKind::value : use->kind;
}

const EngineEntry* find_built_in_model(std::string_view name) {
  if (name.empty()) return nullptr;
  const auto found = std::ranges::find(engines, name, &EngineEntry::built_in_model);
  return found == engines.end() ? nullptr : &*found;
}

Capabilities static_capabilities(std::string_view id) {
  const EngineEntry& entry = *find_engine(id);
  Capabilities can;
  static_cast<EngineTraits&>(can) = entry.traits;
  can.engine = entry.id;
  can.formats = formats_of(entry);
  can.request_options.assign(entry.request_options.begin(), entry.request_options.end());
  can.adjustable.assign(entry.adjustable.begin(), entry.adjustable.end());
  return can;
}

std::vector<const EngineEntry*> engines_for_format(std::string_view format) {
  std::vector<const EngineEntry*> found;
  for (const EngineEntry& entry : engines) {
    if (std::ranges::count(formats_of(entry), format) > 0) found.push_back(&entry);
  }
  return found;
}

Error no_engine_opens(std::string_view format) {
  std::string message = "no engine opens the format " + std::string(format);
  const auto* known = std::ranges::find(unopened_formats, format, &UnopenedFormat::name);
  if (known == unopened_formats.end()) return fail(ErrorCode::unsupported, message);
  return fail(ErrorCode::unsupported, message + ": " + std::string(known->reason),
              std::string(known->instead));
}

std::string engines_with_option(std::string_view option) {
  std::string titles;
  for (const EngineEntry& engine : engines) {
    if (std::ranges::find(engine.request_options, option) == engine.request_options.end()) continue;
    if (!titles.empty()) titles += ", ";
    titles += engine.title;
  }
  return titles;
}

}  // namespace tenfold
