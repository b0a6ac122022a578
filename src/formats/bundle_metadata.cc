#include "formats/bundle_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tenfold {
namespace {

/// As a literal of Jinja.
std::string jinja_literal(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_plain(std::string_view name) {
  constexpr std::size_t longest = 40;
  return !name.empty() && name.size() <= longest && std::ranges::all_of(name, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
  });
}

}  // namespace

Result<void> read_roles(const ProtobufMessage& message, int prefix_field, PromptAffixes& affixes) {
  const std::array roles{&affixes.user, &affixes.model, &affixes.system};
  return each_field(message, [&](const ProtobufMessage& role) -> Result<void> {
    if (role.field() < 1 || role.field() > 3) return {};
    Affixes& pair = *roles.at(static_cast<std::size_t>(role.field()) - 1);
    return each_field(role.message(), [&](const ProtobufMessage& part) -> Result<void> {
      if (part.field() == prefix_field) pair.prefix = TRY(part.text(longest_bundle_text));
      if (part.field() == prefix_field + 1) pair.suffix = TRY(part.text(longest_bundle_text));
      return {};
    });
  });
}

std::string affix_template(const PromptAffixes& affixes) {
  const auto around = [](const Affixes& pair, std::string_view content) {
    return fmt::format("{{{{ {} + {} + {} }}}}", jinja_literal(pair.prefix), content,
                       jinja_literal(pair.suffix));
  };
  const bool has_system = !affixes.system.prefix.empty() || !affixes.system.suffix.empty();
  return fmt::format(
      "{{{{ bos_token + {} }}}}{{% set state = namespace(system='') %}}"
      "{{% for message in messages %}}{{% if message.role == 'assistant' %}}{}"
      "{{% elif message.role == 'system' %}}{}{{% else %}}{}{{% set state.system = '' %}}"
      "{{% endif %}}{{% endfor %}}{{% if add_generation_prompt %}}{{{{ {} }}}}{{% endif %}}",
      jinja_literal(affixes.session), around(affixes.model, "message.content"),
      has_system ? around(affixes.system, "message.content")
                 : R"({% set state.system = message.content + '\n\n' %})",
      around(affixes.user, "state.system + message.content"), jinja_literal(affixes.model.prefix));
}

void add_metadata(const BundleMetadata& metadata, ModelDescription& model) {
  model.architecture = metadata.architecture;
  model.text.begin_token = metadata.start_text;
  model.text.begin = metadata.start_id;
  model.text.ends = metadata.stop_ids;
  model.text.end_texts = metadata.stop_texts;
  model.text.chat_template = metadata.chat_template;
  if (!model.text.chat_template.empty()) model.text.template_source = model.path;
  model.sampling = metadata.sampling;
}

std::string unused_parts(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) {
    constexpr std::string_view prefix = "tf_lite_";
    std::string part = lower_case(name);
    if (part.starts_with(prefix)) part.erase(0, prefix.size());
    if (is_plain(part)) list += (list.empty() ? "; not used: " : ", ") + part;
  }
  return list;
}

}  // namespace tenfold
