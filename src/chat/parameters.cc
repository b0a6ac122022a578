#include "chat/parameters.h"

#include <algorithm>

#include "engine/fields.h"

namespace tenfold {
namespace {

bool is_setting(std::string_view name) {
  const RequestField* field = find_request_field(name);
  return name == "tools" || name == "context_size" || (field != nullptr && field->lasting);
}

Result<void> check(const ChatParameters& generation) {
  Request request = generation.request;
  request.prompt = ChatPrompt({{"user", "?"}}, generation.tools);
  return check_values(request);  // whether an engine has them shows when it is asked
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
    if (is_setting(field)) continue;
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
