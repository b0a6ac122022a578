#include "server/app/admin/admin_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "server/apis/fields.h"
#include "server/apis/messages.h"
#include "service/service.h"

namespace tenfold::server::admin {
namespace {

void take_use(BodyReader& reader, ModelUse& use) {
  constexpr double most_seconds = 1e9;
  std::optional<double> keep_alive;
  reader.optional("model", use.model)
      .optional("engine", use.engine)
      .count("context_size", use.context_size)
      .optional("keep_alive", keep_alive);
  if (!keep_alive) return;
  if (!(std::abs(*keep_alive) <= most_seconds)) {
    return reader.keep(fail(ErrorCode::invalid_argument,
                            "keep_alive must be seconds; a negative number keeps the model"));
  }
  use.keep_alive = std::chrono::milliseconds(std::llround(std::max(-1.0, *keep_alive) * 1000));
}

/// One of two fields is needed, and only one.
void require_one(BodyReader& reader, const char* first, const Json* one, const char* second,
                 const Json* other) {
  if ((one == nullptr) != (other == nullptr)) return;
  const char* fault = one == nullptr ? "one of them is missing" : "they exclude each other";
  reader.keep(
      fail(ErrorCode::invalid_argument, fmt::format("{} and {}: {}", first, second, fault)));
}

}  // namespace

Result<ModelUse> read_load(const Json& json) {
  ModelUse use;
  BodyReader reader(json, "");
  take_use(reader, use);
  TRY(reader.finish());
  return use;
}

Result<std::string> read_model(const Json& json) {
  std::string model;
  TRY(BodyReader(json, "").required("model", model).finish());
  return model;
}

Result<PromptFields> read_score(const Json& json) {
  PromptFields fields;
  BodyReader reader(json, "");
  take_use(reader, fields.use);
  const Json* text = reader.take("text");
  const Json* tokens = reader.take("tokens");
  require_one(reader, "text", text, "tokens", tokens);
  TRY(reader.finish());
  if (text != nullptr) {
    fields.request.prompt = std::string();
    TRY(read_value(*text, "text", std::get<std::string>(fields.request.prompt)));
  } else {
    fields.request.prompt = std::vector<TokenId>();
    TRY(read_value(*tokens, "tokens", std::get<std::vector<TokenId>>(fields.request.prompt)));
  }
  return fields;
}

Result<PromptFields> read_tokenize(const Json& json, const std::string& body,
                                   const Limits& limits) {
  PromptFields fields;
  BodyReader reader(json, "");
  take_use(reader, fields.use);
  const Json* text = reader.take("text");
  const Json* messages = reader.take("messages");
  const Json* tools = reader.take("tools");
  require_one(reader, "text", text, "messages", messages);
  if (text != nullptr && tools != nullptr) {
    reader.keep(fail(ErrorCode::invalid_argument, "tools needs messages"));
  }
  TRY(reader.finish());
  if (text != nullptr) {
    fields.request.prompt = std::string();
    TRY(read_value(*text, "text", std::get<std::string>(fields.request.prompt)));
    return fields;
  }
  ChatPrompt chat;
  chat.messages = TRY(server::read_messages(*messages, "messages", limits.messages));
  if (tools != nullptr) chat.tools = TRY(read_tools(*tools, OrderedBody(body)));
  fields.request.prompt = std::move(chat);
  return fields;
}

Result<ImportRequest> read_import(const Json& json) {
  ImportRequest request;
  std::string mode = "in_place";
  TRY(BodyReader(json, "")
          .required("path", request.path)
          .optional("name", request.options.name)
          .optional("mode", mode)
          .finish());
  if (mode != "in_place" && mode != "copy") {
    return fail(ErrorCode::invalid_argument, "mode must be in_place or copy");
  }
  if (mode == "copy") request.options.mode = ImportMode::copy;
  if (!request.path.starts_with('/')) {
    return fail(ErrorCode::invalid_argument, "path must be absolute",
                "give the whole path of a file or folder of this machine, from / on");
  }
  return request;
}

Result<std::optional<std::vector<std::string>>> read_adopt(const Json& json) {
  std::optional<std::vector<std::string>> paths;
  TRY(BodyReader(json, "").optional("paths", paths).finish());
  return paths;
}

Result<std::int64_t> read_context(const std::map<std::string, std::string>& query) {
  std::int64_t context = 0;
  for (const auto& [name, value] : query) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), context);
    const bool good = error == std::errc() && end == value.data() + value.size() && context >= 0;
    if (name == "context_size" && good && context <= std::int64_t{1} << 24) continue;
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} cannot be \"{}\" in this query", name, value),
                "there is context_size, a number of tokens");
  }
  return context;
}

Result<CatalogueSearch> read_search(const std::map<std::string, std::string>& query) {
  CatalogueSearch search;
  for (const auto& [name, value] : query) {
    if (name == "q") {
      std::istringstream words(value);
      for (std::string word; words >> word;) search.query.words.push_back(word);
    } else if (name == "engine") {
      search.query.engine = TRY(engine_named(value))->id;
    } else if (name == "format") {
      search.query.format = value;
    } else if (name == "fits" && (value == "true" || value == "false")) {
      search.fits = value == "true";
    } else if (name == "fits") {
      return fail(ErrorCode::invalid_argument, "fits must be true or false");
    } else {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} is not a parameter of this query", name),
                  "there are q, engine, format and fits");
    }
  }
  return search;
}

}  // namespace tenfold::server::admin
