#include "chat/parameters.h"

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

constexpr auto fields = std::to_array<std::string_view>(
    {"temperature", "top_k", "top_p", "min_p", "repeat_penalty", "presence_penalty",
     "frequency_penalty", "penalty_window", "seed", "max_tokens", "stop", "logit_bias",
     "constraint", "tools", "deadline_ms", "split_reasoning", "context_size"});

/// Everything that settings may hold; whether an engine has it shows when it is asked.
Capabilities all_options() {
  Capabilities all;
  all.engine = "the conversation";
  all.chat_prompts = all.system_role = true;
  all.request_options = {"json_schema", "regex", "grammar"};
  for (const std::string_view field : fields) all.request_options.emplace_back(field);
  return all;
}

Result<void> check(const ChatParameters& generation) {
  Request request = generation.request;
  request.prompt = ChatPrompt({{"user", "?"}}, generation.tools);
  return check_request(request, all_options());
}

}  // namespace

Json merge_settings(Json defaults, const Json& settings) {
  defaults.update(settings);
  std::erase_if(defaults.get_ref<Json::object_t&>(),
                [](const auto& field) { return field.second.is_null(); });
  return defaults;
}

Result<ChatParameters> read_generation(const Json& settings) {
  if (!settings.is_object()) {
    return fail(ErrorCode::invalid_argument, "settings must be an object");
  }
  Json request = merge_settings(Json::object(), settings);
  for (const auto& [field, value] : request.items()) {
    if (std::ranges::find(fields, field) != fields.end()) continue;
    return fail(ErrorCode::invalid_argument,
                "settings." + field + " is not a setting of conversations",
                "GET /openapi.json lists them under Generation");
  }
  ChatParameters generation;
  if (const auto size = request.find("context_size"); size != request.end()) {
    constexpr std::int64_t most = 1 << 24;
    if (!size->is_number_integer() || *size < 0 || *size > most) {
      return fail(ErrorCode::invalid_argument, "settings.context_size must be a number of tokens");
    }
    generation.context_size = size->get<int>();
    request.erase(size);
  }
  request["messages"] = Json::array();
  generation.request = TRY(request_from_json(request));
  generation.tools = std::get<ChatPrompt>(generation.request.prompt).tools;
  TRY(check(generation));
  return generation;
}

}  // namespace tenfold
