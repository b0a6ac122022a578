#include "formats/mlc_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "formats/bounded_json.h"

namespace tenfold {
namespace {

using nlohmann::json;

/// A text as a literal of Jinja.
std::string literal(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

/// `pattern` with `value`, an expression, in place of the placeholder: an expression.
std::string filled(const std::string& pattern, std::string_view placeholder,
                   std::string_view value) {
  const std::size_t at = pattern.find(placeholder);
  if (at == std::string::npos) return literal(pattern);
  return fmt::format("{} ~ {} ~ {}", literal(pattern.substr(0, at)), value,
                     literal(pattern.substr(at + placeholder.size())));
}

std::string or_else(std::string text, const char* otherwise) {
  return text.empty() ? otherwise : text;
}

/// The i-th separator; a single one stands for both.
std::string separator(const json& conversation, std::size_t index) {
  const auto list = conversation.find("seps");
  if (list == conversation.end() || !list->is_array() || list->empty()) return {};
  const json& entry = (*list)[std::min(index, list->size() - 1)];
  return entry.is_string() ? entry.get<std::string>() : std::string();
}

void take_ids(const json& ids, std::vector<TokenId>& to) {
  for (const json& id : ids.is_array() ? ids : json::array({ids})) {
    const std::int64_t number = id.is_number_integer() ? id.get<std::int64_t>() : -1;
    if (number >= 0 && std::in_range<TokenId>(number)) to.push_back(static_cast<TokenId>(number));
  }
}

}  // namespace

std::string mlc_template(const json& conversation) {
  const json roles = part(conversation, "roles");
  const std::string user = text(roles, "user");
  const std::string assistant = text(roles, "assistant");
  if (text(conversation, "name") == "LM" || (user.empty() && assistant.empty())) return {};

  const json forms = part(conversation, "role_templates");
  const std::string after_role = text(conversation, "role_content_sep");
  const auto message = [&](const std::string& role, const char* name, std::size_t sep) {
    const std::string placeholder = fmt::format("{{{}_message}}", name);
    const std::string body =
        filled(or_else(text(forms, name), placeholder.c_str()), placeholder, "message.content");
    return std::pair(literal(role + after_role),
                     fmt::format("{} ~ {}", body, literal(separator(conversation, sep))));
  };
  const auto [user_role, user_body] = message(user, "user", 0);
  const auto [assistant_role, assistant_body] = message(assistant, "assistant", 1);
  const auto role_after_system = conversation.find("add_role_after_system_message");
  const bool has_first_role =
      role_after_system == conversation.end() || *role_after_system != json(false);
  const auto ids = conversation.find("system_prefix_token_ids");
  const bool begins = ids != conversation.end() && ids->is_array() && !ids->empty();

  return fmt::format(
      R"({{% set state = namespace(system={}) %}})"
      R"({{% for message in messages %}}{{% if message.role == "system" %}})"
      R"({{% set state.system = message.content %}}{{% endif %}}{{% endfor %}})"
      R"({{% set state.system = {} %}}{}{{{{ state.system }}}})"
      R"({{% set state.first = {} or not state.system %}})"
      R"({{% for message in messages %}}{{% if message.role == "assistant" %}})"
      R"({{{{ {} if state.first else "" }}}}{{{{ {} }}}}{{% set state.first = true %}})"
      R"({{% elif message.role != "system" %}})"
      R"({{{{ {} if state.first else "" }}}}{{{{ {} }}}}{{% set state.first = true %}})"
      R"({{% endif %}}{{% endfor %}}{{% if add_generation_prompt %}}{{{{ {} }}}}{{% endif %}})",
      literal(text(conversation, "system_message")),
      filled(or_else(text(conversation, "system_template"), "{system_message}"), "{system_message}",
             "state.system"),
      begins ? "{{ bos_token }}" : "", has_first_role ? "true" : "false", assistant_role,
      assistant_body, user_role, user_body,
      literal(assistant + text(conversation, "role_empty_sep")));
}

void add_mlc_ends(const json& config, ModelText& text) {
  const auto field = [](const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? json() : *found;
  };
  const json conversation = part(config, "conv_template");
  take_ids(field(config, "eos_token_id"), text.ends);
  take_ids(field(conversation, "stop_token_ids"), text.ends);
  std::vector<TokenId> begin;
  take_ids(field(config, "bos_token_id"), begin);
  if (text.begin < 0 && !begin.empty()) text.begin = begin.front();
  const json stops = field(conversation, "stop_str");
  if (!stops.is_array()) return;
  for (const json& stop : stops) {
    if (stop.is_string() && !stop.get_ref<const std::string&>().empty()) {
      text.end_texts.push_back(stop);
    }
  }
}

}  // namespace tenfold
