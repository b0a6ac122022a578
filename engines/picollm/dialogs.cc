// As in picollm/_picollm.py of PyPI picollm 2.1.4. Where its dialogs leave out a system message
// without a word, these refuse it, and it begins the first question (ChatTemplate::render).
#include "dialogs.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tenfold::picollm {
namespace {

constexpr std::string_view gemma =
    R"({% for message in messages %}{% if message.role == 'user' %})"
    R"({{ '<start_of_turn>user\n' + message.content + '<end_of_turn>\n' }})"
    R"({% elif message.role == 'assistant' %})"
    R"({{ '<start_of_turn>model\n' + message.content + '<end_of_turn>\n' }})"
    R"({% else %}{{ raise_exception('System role not supported') }}{% endif %}{% endfor %})"
    R"({% if add_generation_prompt %}{{ '<start_of_turn>model' }}{% endif %})";

constexpr std::string_view llama2 =
    R"({% if messages[0].role == 'system' %}{% set turns = messages[1:] %})"
    R"({% set system = '<<SYS>>\n' + messages[0].content | trim + '\n<</SYS>>\n\n' %})"
    R"({% else %}{% set turns = messages %}{% set system = '' %}{% endif %})"
    R"({% for message in turns %}{% if message.role == 'user' %})"
    R"({{ '<s>[INST] ' + (system if loop.first else '') + message.content | trim + ' [/INST]' }})"
    R"({% elif message.role == 'assistant' %}{{ ' ' + message.content | trim + ' </s>' }})"
    R"({% else %}{{ raise_exception('Only the first message can be of the system') }}{% endif %})"
    R"({% endfor %})";

constexpr std::string_view llama3 =
    R"({{ '<|begin_of_text|>' }}{% for message in messages %})"
    R"({{ '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' }})"
    R"({{ message.content | trim + '<|eot_id|>' }}{% endfor %})"
    R"({% if add_generation_prompt %})"
    R"({{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %})";

constexpr std::string_view mistral =
    R"({% for message in messages %}{% if message.role == 'user' %})"
    R"({{ '[INST] ' + message.content + ' [/INST]' }})"
    R"({% elif message.role == 'assistant' %}{{ ' ' + message.content + '</s>' }})"
    R"({% else %}{{ raise_exception('System role not supported') }}{% endif %}{% endfor %})";

constexpr std::string_view phi2 =
    R"({% for message in messages %}{% if message.role == 'user' %})"
    R"({{ 'Instruct: ' + message.content + '\n' }})"
    R"({% elif message.role == 'assistant' %}{{ 'Output: ' + message.content + '\n' }})"
    R"({% else %}{{ raise_exception('System role not supported') }}{% endif %}{% endfor %})"
    R"({% if add_generation_prompt %}{{ 'Output:' }}{% endif %})";

constexpr std::string_view phi3 =
    R"({% for message in messages %})"
    R"({{ '<|' + message.role + '|>\n' + message.content | trim + '<|end|>\n' }}{% endfor %})"
    R"({% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %})";

constexpr std::string_view qwen2 =
    R"({% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }})"
    R"({{ message.content | trim if message.role == 'system' else message.content }})"
    R"({{ '<|im_end|>\n' }}{% endfor %})"
    R"({% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %})";

struct Dialog {
  std::string_view model;
  std::string_view source;
};

constexpr std::array dialogs{Dialog{"gemma-2b-it", gemma},
                             Dialog{"gemma-7b-it", gemma},
                             Dialog{"gemma-3-270m-it", gemma},
                             Dialog{"llama-2-7b-chat", llama2},
                             Dialog{"llama-2-13b-chat", llama2},
                             Dialog{"llama-2-70b-chat", llama2},
                             Dialog{"llama-3-8b-instruct", llama3},
                             Dialog{"llama-3-70b-instruct", llama3},
                             Dialog{"llama-3.2-1b-instruct", llama3},
                             Dialog{"llama-3.2-3b-instruct", llama3},
                             Dialog{"mistral-7b-instruct-v0.1", mistral},
                             Dialog{"mistral-7b-instruct-v0.2", mistral},
                             Dialog{"mixtral-8x7b-instruct-v0.1", mistral},
                             Dialog{"phi2", phi2},
                             Dialog{"phi3", phi3},
                             Dialog{"phi3.5", phi3},
                             Dialog{"qwen-2.5-500m-instruct", qwen2}};

}  // namespace

std::string short_name(std::string_view name) {
  const std::size_t begin = std::min(name.size(), name.find_first_not_of(" \t"));
  name.remove_prefix(begin);
  return lower_case(name.substr(0, name.find_first_of(" \t")));
}

std::string chat_template(std::string_view name) {
  const auto* found = std::ranges::find(dialogs, short_name(name), &Dialog::model);
  return found == dialogs.end() ? std::string() : std::string(found->source);
}

}  // namespace tenfold::picollm
