// The table of the ten engines.
#include "engine/table.h"

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

constexpr std::array<std::string_view, 19> core_options{"temperature",
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
                                                        "deadline_ms",
                                                        "answered",
                                                        "split_reasoning"};

// These two bring their own text loop, so they have only what their interfaces offer, plus what
// can be done to finished text.
constexpr std::array<std::string_view, 10> picollm_options{
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "seed",
    "max_tokens",  "stop",  "logprobs",         "deadline_ms",       "split_reasoning"};
constexpr std::array<std::string_view, 7> apple_options{
    "temperature", "top_k", "top_p", "seed", "max_tokens", "json_schema", "deadline_ms"};

#ifdef __APPLE__
constexpr bool on_apple = true;
#else
constexpr bool on_apple = false;
#endif

constexpr std::string_view wait = "nothing yet: wait for the version that brings it";
constexpr std::string_view not_yet = "not part of this version of Tenfold yet";

constexpr std::array<EngineEntry, 10> engines{{
    {"llama_cpp", "llama.cpp", "gguf",
     "it is built by default: run ./tenfold chat, or install Tenfold again",
     "its worker program tenfold-engine-llama_cpp is not installed beside this program", true,
     core_options},
    {"coreml", "Core ML", "mlpackage", wait, not_yet, true, core_options},
    {"mlx", "MLX", "safetensors", wait, not_yet, true, core_options},
    {"mlc", "MLC-LLM", "mlc", wait, not_yet, true, core_options},
    {"onnxruntime", "ONNX Runtime", "onnx", "run ./tenfold engines add onnxruntime",
     "its worker program tenfold-engine-onnxruntime is not installed beside this program", true,
     core_options},
    {"executorch", "ExecuTorch", "pte", "run ./tenfold engines add executorch",
     "its worker program tenfold-engine-executorch is not installed beside this program", true,
     core_options},
    {"litert", "LiteRT", "tflite,litertlm", "run ./tenfold engines add litert",
     "its worker program tenfold-engine-litert is not installed beside this program", true,
     core_options},
    {"picollm", "picoLLM", "pllm",
     "nothing yet: wait for the version that brings it; it will need an AccessKey from Picovoice",
     not_yet, true, picollm_options},
    {"swift_transformers", "Swift Transformers", "mlpackage", wait, not_yet, true, core_options},
    {"apple_foundation", "Apple Foundation Models", "built into macOS",
     "use a Mac with macOS 26 or later and Apple Intelligence turned on",
     on_apple ? not_yet
              : "it cannot exist on this operating system: the model is part of macOS 26 with "
                "Apple Intelligence",
     on_apple, apple_options},
}};

}  // namespace

std::span<const std::string_view> core_request_options() { return core_options; }

std::span<const EngineEntry> engine_table() { return engines; }

const EngineEntry* find_engine(std::string_view id) {
  const auto found = std::ranges::find(engines, id, &EngineEntry::id);
  return found == engines.end() ? nullptr : &*found;
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
