// Sources: Meta's model cards and prompt formats (Llama 2, Llama 3), ai.google.dev/gemma (prompt
// structure), the chat templates that Mistral AI, Microsoft (Phi-3) and Qwen publish.
#include "formats/family_template.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "base/text.h"

namespace tenfold {
namespace {

constexpr std::string_view gemma =
    R"({{ bos_token }}{% set state = namespace(system='') %}{% for message in messages %})"
    R"({% if message.role == 'system' %}{% set state.system = message.content | trim + '\n\n' %})"
    R"({% else %}{{ '<start_of_turn>' }})"
    R"({{ 'model' if message.role == 'assistant' else 'user' }}{{ '\n' + state.system }})"
    R"({{ message.content | trim + '<end_of_turn>\n' }}{% set state.system = '' %}{% endif %})"
    R"({% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %})";

constexpr std::string_view llama3 =
    R"({{ bos_token }}{% for message in messages %})"
    R"({{ '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' }})"
    R"({{ message.content | trim + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %})"
    R"({{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %})";

constexpr std::string_view chatml =
    R"({% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content }})"
    R"({{ '<|im_end|>\n' }}{% endfor %})"
    R"({% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %})";

constexpr std::string_view phi3 =
    R"({{ bos_token }}{% for message in messages %})"
    R"({{ '<|' + message.role + '|>\n' + message.content + '<|end|>\n' }}{% endfor %})"
    R"({% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %})";

constexpr std::string_view llama2 =
    R"({% set state = namespace(system='') %}{% for message in messages %})"
    R"({% if message.role == 'system' %})"
    R"({% set state.system = '<<SYS>>\n' + message.content | trim + '\n<</SYS>>\n\n' %})"
    R"({% elif message.role == 'assistant' %}{{ ' ' + message.content | trim + ' ' + eos_token }})"
    R"({% else %}{{ bos_token + '[INST] ' + state.system + message.content | trim + ' [/INST]' }})"
    R"({% set state.system = '' %}{% endif %}{% endfor %})";

constexpr std::string_view mistral =
    R"({{ bos_token }}{% set state = namespace(system='') %}{% for message in messages %})"
    R"({% if message.role == 'system' %}{% set state.system = message.content | trim + '\n\n' %})"
    R"({% elif message.role == 'assistant' %}{{ ' ' + message.content | trim + eos_token }})"
    R"({% else %}{{ '[INST] ' + state.system + message.content + ' [/INST]' }})"
    R"({% set state.system = '' %}{% endif %}{% endfor %})";

struct Family {
  std::string_view name;
  std::string_view mark;           ///< a token that its turns alone have; empty: none
  std::string_view architectures;  ///< by name in a bundle's metadata, between spaces
  std::string_view words;          ///< in the name of a chat model, between spaces
  std::string_view source;
};

constexpr std::array families{Family{"Gemma", "<start_of_turn>", "gemma3 gemma3n", "", gemma},
                              Family{"Llama 3", "<|start_header_id|>", "", "", llama3},
                              Family{"ChatML", "<|im_start|>", "qwen2 qwen3", "", chatml},
                              Family{"Phi-3", "", "", "phi-3 phi3", phi3},
                              Family{"Llama 2", "", "", "llama-2 llama2", llama2},
                              Family{"Mistral", "", "", "mistral mixtral", mistral}};

/// Calls `test` with each word of `list` until it gives true; whether it did.
template <typename Test>
bool any_word(std::string_view list, const Test& test) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (test(list.substr(0, end))) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool may_lack_its_template(const ModelDescription& model) {
  const auto is = [&](const char* format) { return model.format == format; };
  if (is("litertlm") || is("task")) return true;
  if (!is("onnx") && !is("pte") && !is("tflite")) return false;
  if (model.text.tokenizer.empty()) return false;
  return std::ranges::none_of(model.files, [](const std::filesystem::path& file) {
    return file.filename() == "tokenizer_config.json";
  });
}

bool belongs(const ModelDescription& model, const Family& family, const std::string& name) {
  if (!family.mark.empty() && family.mark == model.turn_mark) return true;
  if (model.format == "litertlm" &&
      any_word(family.architectures, [&](auto word) { return word == model.architecture; })) {
    return true;
  }
  const bool talks =
      name.find("chat") != std::string::npos || name.find("instruct") != std::string::npos;
  return talks &&
         any_word(family.words, [&](auto word) { return name.find(word) != std::string::npos; });
}

}  // namespace

void add_family_template(ModelDescription& model) {
  if (!model.text.chat_template.empty() || !may_lack_its_template(model)) return;
  std::error_code error;
  const auto whole = std::filesystem::absolute(model.file, error);
  const std::string name =
      lower_case(whole.parent_path().filename().string() + "/" + whole.filename().string());
  for (const Family& family : families) {
    if (!belongs(model, family, name)) continue;
    model.text.chat_template = family.source;
    model.text.template_family = family.name;
    return;
  }
}

}  // namespace tenfold
