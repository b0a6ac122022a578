#include "formats/gguf_tokenizers.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold {
namespace {

constexpr std::string_view known_tokenizers[] = {
    "bert", "gemma4", "gpt2", "hybriddna", "llama", "plamo2", "rwkv", "t5", "test", "whitespace"};

// clang-format off
constexpr std::string_view known_pre_tokenizers[] = {
    "a.x-4.0", "afmoe", "bailingmoe", "bailingmoe2", "bloom", "chameleon", "chatglm-bpe",
    "codeshell", "cohere2moe", "command-r", "dbrx", "deepseek-coder", "deepseek-llm",
    "deepseek-r1-qwen", "deepseek-v3", "default", "exaone", "exaone-moe", "exaone4", "f2llmv2",
    "falcon", "falcon-h1", "falcon3", "gemma4", "gigachat", "glm4", "glm5", "gpt-2", "gpt-4o",
    "gpt3-finnish", "granite-docling", "granite-embed-multi-311m", "granite-embed-multi-97m",
    "grok-2", "hunyuan", "hunyuan-dense", "hy_v4", "jais", "jais-2", "jina-de", "jina-es",
    "jina-v1-en", "jina-v2-code", "jina-v2-de", "jina-v2-es", "jina-v5-nano", "joyai-llm",
    "kanana2", "kimi-k2", "kormo", "laguna", "lfm2", "llada-moe", "llama-bpe", "llama-v3",
    "llama3", "llama4", "megrez", "mellum", "mellum2", "midm-2.0", "minerva-7b", "minicpm5",
    "minimax-m2", "mmbert", "modern-bert", "mpt", "olmo", "phi-2", "pixtral", "poro-chat",
    "qwen2", "qwen35", "refact", "roberta-bpe", "sarvam-moe", "seed-coder", "smaug-bpe",
    "smollm", "solar-open", "spark2_5", "stablelm2", "starcoder", "superbpe", "talkie",
    "tekken", "tiny_aya", "trillion", "ufakzeka", "viking", "whitespace", "youtu"};
// clang-format on

constexpr std::string_view byte_mergers[] = {"gpt2", "hybriddna", "whitespace"};

Error unknown_name(const std::string& path, std::string_view what, const std::string& name) {
  return fail(
      ErrorCode::unsupported,
      fmt::format("{} has the {} \"{:.100}\", which llama.cpp does not know", path, what, name),
      "the model may need a newer llama.cpp");
}

Error incomplete(const std::string& path, const std::string& key) {
  return fail(ErrorCode::bad_model, fmt::format("{} has no {}", path, key),
              "convert the model again, with its tokenizer");
}

}  // namespace

std::span<const std::string_view> gguf_tokenizers() { return known_tokenizers; }

std::span<const std::string_view> gguf_pre_tokenizers() { return known_pre_tokenizers; }

bool merges_bytes(std::string_view model) {
  return std::ranges::find(byte_mergers, model) != std::ranges::end(byte_mergers);
}

Result<void> check_gguf_tokenizer(const GgufFile& file, const std::string& path) {
  const std::string* model = file.text("tokenizer.ggml.model");
  if (model == nullptr) return incomplete(path, "tokenizer.ggml.model");
  if (*model == "none" || *model == "no_vocab") {
    return fail(ErrorCode::unsupported,
                path + " has no tokenizer, so it can neither read nor write",
                "take a model of language");
  }
  if (!std::ranges::binary_search(known_tokenizers, *model))
    return unknown_name(path, "tokenizer", *model);
  if (file.array("tokenizer.ggml.tokens") == nullptr) {
    return incomplete(path, "tokenizer.ggml.tokens");
  }
  if (!merges_bytes(*model)) return {};
  const std::string* pre = file.text("tokenizer.ggml.pre");
  if (pre != nullptr && !pre->empty() && !std::ranges::binary_search(known_pre_tokenizers, *pre)) {
    return unknown_name(path, "pre-tokenizer", *pre);
  }
  const bool needs_merges = pre == nullptr || *pre != "kimi-k2";
  if (needs_merges && file.array("tokenizer.ggml.merges") == nullptr) {
    return incomplete(path, "tokenizer.ggml.merges");
  }
  return {};
}

}  // namespace tenfold
