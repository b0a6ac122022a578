#include "server/app/system/openapi.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "chat/json.h"
#include "server/apis/anthropic/message_request.h"
#include "server/apis/ollama/ollama_request.h"
#include "server/apis/openai/chat_request.h"
#include "server/apis/openai/completion_request.h"
#include "server/apis/openai/embedding_request.h"
#include "server/apis/openai/response_request.h"
#include "server/app/admin/admin_request.h"
#include "server/app/bench/bench_request.h"
#include "server/app/conversations/conversation_request.h"
#include "server/app/verify/verify_request.h"
#include "server/routes.h"

namespace tenfold::server {
namespace {

const Json& description() {
  static const Json json = Json::parse(openapi_json);
  return json;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

/// Whether the handler of the path would read this body.
using Read = Result<void> (*)(const Json& json, const std::string& body);

template <typename T>
Result<void> without_value(const Result<T>& result) {
  if (!result.ok()) return result.error();
  return {};
}

const std::map<std::string, Read>& readers() {
  static const std::map<std::string, Read> readers{
      {"/v1/chat/completions",
       [](const Json& json, const std::string& body) {
         return without_value(openai::read_chat(json, body, Limits{}));
       }},
      {"/v1/completions",
       [](const Json& json, const std::string&) {
         return without_value(openai::read_completion(json));
       }},
      {"/v1/responses",
       [](const Json& json, const std::string& body) {
         return without_value(openai::read_response(json, body, Limits{}));
       }},
      {"/v1/embeddings",
       [](const Json& json, const std::string&) {
         return without_value(openai::read_embedding(json));
       }},
      {"/v1/messages",
       [](const Json& json, const std::string& body) {
         return without_value(anthropic::read_message_request(json, body, Limits{}));
       }},
      {"/v1/messages/count_tokens",
       [](const Json& json, const std::string& body) {
         return without_value(anthropic::read_count_request(json, body, Limits{}));
       }},
      {"/api/chat",
       [](const Json& json, const std::string& body) {
         return without_value(ollama::read_chat(json, body, Limits{}));
       }},
      {"/api/generate",
       [](const Json& json, const std::string& body) {
         return without_value(ollama::read_generate(json, body));
       }},
      {"/api/embed", [](const Json& json,
                        const std::string&) { return without_value(ollama::read_embed(json)); }},
      {"/api/embeddings",
       [](const Json& json, const std::string&) {
         return without_value(ollama::read_embeddings(json));
       }},
      {"/api/show",
       [](const Json& json, const std::string&) { return without_value(ollama::read_show(json)); }},
      {"/api/pull",
       [](const Json& json, const std::string&) { return without_value(ollama::read_pull(json)); }},
      {"/api/delete", [](const Json& json,
                         const std::string&) { return without_value(ollama::read_delete(json)); }},
      {"/api/v1/downloads",
       [](const Json& json, const std::string&) { return without_value(admin::read_model(json)); }},
      {"/api/v1/unload",
       [](const Json& json, const std::string&) { return without_value(admin::read_model(json)); }},
      {"/api/v1/load",
       [](const Json& json, const std::string&) { return without_value(admin::read_load(json)); }},
      {"/api/v1/score",
       [](const Json& json, const std::string&) { return without_value(admin::read_score(json)); }},
      {"/api/v1/tokenize",
       [](const Json& json, const std::string& body) {
         return without_value(admin::read_tokenize(json, body, Limits{}));
       }},
      {"/api/v1/models",
       [](const Json& json, const std::string&) {
         return without_value(admin::read_import(json));
       }},
      {"/api/v1/adopt",
       [](const Json& json, const std::string&) { return without_value(admin::read_adopt(json)); }},
      {"/api/v1/settings",
       [](const Json&, const std::string&) { return Result<void>(); }},  // the program reads it
      {"/api/v1/benchmarks",
       [](const Json& json, const std::string&) { return without_value(bench::read_plan(json)); }},
      {"/api/v1/verify",
       [](const Json& json, const std::string&) {
         return without_value(verify::read_verify(json));
       }},
      {"/api/v1/conversations",
       [](const Json& json, const std::string&) {
         return without_value(conversations::read_new(json));
       }},
      {"/api/v1/conversations/import",
       [](const Json& json, const std::string&) { return without_value(read_export(json)); }},
      {"/api/v1/conversations/{id}",
       [](const Json& json, const std::string&) {
         ConversationInfo info;
         return conversations::read_change(json, info);
       }},
      {"/api/v1/conversations/{id}/answers",
       [](const Json& json, const std::string&) {
         return without_value(conversations::read_ask(json));
       }},
      {"/api/v1/conversations/{id}/prompt",
       [](const Json& json, const std::string&) {
         return without_value(conversations::read_look(json));
       }},
  };
  return readers;
}

struct Body {
  std::string path;
  const Json* content = nullptr;  ///< with "schema" and "examples"
};

std::vector<Body> bodies() {
  std::vector<Body> bodies;
  for (const auto& [path, methods] : description()["paths"].items()) {
    for (const Json& method : methods) {
      if (!method.contains("requestBody")) continue;
      bodies.push_back({path, &method["requestBody"]["content"]["application/json"]});
    }
  }
  return bodies;
}

const Json& schema_of(const Body& body) {
  const std::string reference = (*body.content)["schema"]["$ref"];
  return description().at(Json::json_pointer(reference.substr(1)));
}

TEST(OpenApi, DescribesEveryRoute) {
  for (const Route& route : routes()) {
    const Json& paths = description()["paths"];
    const std::string path(route.path);
    ASSERT_TRUE(paths.contains(path)) << path << " is missing in openapi.json";
    EXPECT_TRUE(paths[path].contains(lower(route.method))) << route.method << " " << path;
  }
}

TEST(OpenApi, DescribesNothingElse) {
  for (const auto& [path, methods] : description()["paths"].items()) {
    for (const auto& [method, ignored] : methods.items()) {
      EXPECT_TRUE(std::ranges::any_of(routes(),
                                      [&path = path, &method = method](const Route& route) {
                                        return route.path == path && lower(route.method) == method;
                                      }))
          << method << " " << path << " is no route";
    }
  }
}

TEST(OpenApi, ItsExamplesAreAccepted) {
  for (const Body& body : bodies()) {
    ASSERT_TRUE(readers().contains(body.path)) << body.path << " has no reader in this test";
    ASSERT_FALSE((*body.content)["examples"].empty()) << body.path;
    for (const auto& [name, example] : (*body.content)["examples"].items()) {
      const Json& value = example["value"];
      const auto read = readers().at(body.path)(value, value.dump());
      EXPECT_TRUE(read.ok()) << body.path << " " << name << ": " << read.error().message;
    }
  }
}

TEST(OpenApi, ItsFieldsAreKnown) {
  for (const Body& body : bodies()) {
    const Json& example = (*body.content)["examples"].front()["value"];
    for (const auto& [field, ignored] : schema_of(body)["properties"].items()) {
      Json value = example;
      if (!value.contains(field)) value[field] = nullptr;  // null: as if it were not there
      const auto read = readers().at(body.path)(value, value.dump());
      EXPECT_TRUE(read.ok()) << body.path << " " << field << ": " << read.error().message;
    }
  }
}

TEST(OpenApi, ItsReferencesLeadSomewhere) {
  const Json flat = description().flatten();
  for (const auto& [where, value] : flat.items()) {
    if (!where.ends_with("/$ref")) continue;
    const std::string target = value;
    EXPECT_TRUE(description().contains(Json::json_pointer(target.substr(1)))) << target;
  }
}

}  // namespace
}  // namespace tenfold::server
