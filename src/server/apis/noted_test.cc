#include "server/apis/noted.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/files.h"
#include "server/apis/anthropic/message_request.h"
#include "server/apis/ollama/ollama_request.h"
#include "server/apis/openai/chat_request.h"
#include "server/apis/openai/completion_request.h"
#include "server/apis/openai/embedding_request.h"
#include "server/apis/openai/response_request.h"

namespace tenfold::server {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

TEST(Noted, FieldsAreTakenOutWhereverTheyStand) {
  Json body = Json::parse(R"({"user": "u", "store": false, "temperature": 0, "metadata": null,
      "messages": [{"role": "user", "name": "n", "content": [{"type": "text", "text": "a",
          "cache_control": {"type": "ephemeral", "ttl": "9h", "scope": "global"}}]},
        {"role": "tool", "name": "f", "content": ""}],
      "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "web_search"},
                {"type": "web_searching"}, {"type": "mcp"}]})");
  EXPECT_THAT(take_noted(body, Api::chat),
              ElementsAre("user", "store", "tools[] (web_search)", "tools[] (mcp)",
                          "messages[].name", "messages[].content[].cache_control"));
  EXPECT_EQ(body, Json::parse(R"({"temperature": 0, "metadata": null,
      "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]},
        {"role": "tool", "name": "f", "content": ""}],
      "tools": [{"type": "function", "function": {"name": "f"}}, null,
                {"type": "web_searching"}, null]})"));
}

TEST(Noted, WhatChangesTheAnswerStays) {
  Json body = Json::parse(R"({"store": true, "temperature": 1})");
  EXPECT_THAT(take_noted(body, Api::chat), IsEmpty());
  EXPECT_TRUE(body.contains("store"));
}

TEST(Noted, EachOnceHoweverOften) {
  Json body{{"messages", Json::array()}};
  for (int i = 0; i < 1000; ++i) body["messages"].push_back({{"role", "user"}, {"name", "n"}});
  EXPECT_THAT(take_noted(body, Api::chat), ElementsAre("messages[].name"));
}

TEST(Noted, AHeaderHasABound) {
  Json body{{"tools", Json::array()}};
  for (int i = 0; i < 3000; ++i) {
    body["tools"].push_back({{"type", fmt::format("mcp_{}", 10'000'000 + i)}});
  }
  const auto found = take_noted(body, Api::chat);
  EXPECT_EQ(found.size(), 17U);
  EXPECT_EQ(found.back(), "…");
  EXPECT_THAT(body["tools"], Each(Json()));
}

TEST(Noted, AMisspeltToolStays) {
  Json body = Json::parse(R"({"tools": [{"type": "custom_functoin"}, {"type": "memory_lookup"},
      {"type": "web_search_preview_2025_03_11"}, {"type": "text_editor_20250728"}]})");
  EXPECT_THAT(take_noted(body, Api::chat), ElementsAre("tools[] (web_search_preview_2025_03_11)",
                                                       "tools[] (text_editor_20250728)"));
  EXPECT_EQ(body["tools"][0]["type"], "custom_functoin");
  EXPECT_EQ(body["tools"][1]["type"], "memory_lookup");
}

TEST(Noted, ATypeThatIsNoPlainWordIsNoTool) {
  Json body = Json::parse(R"({"tools": [{"type": "mcp_\r\nX: y"}, {"type": 5}, 6]})");
  EXPECT_THAT(take_noted(body, Api::chat), IsEmpty());
}

/// The shape of Codex's first request (0.171, wire_api = "responses").
TEST(Noted, TheFirstRequestOfCodexIsRead) {
  const std::string body = R"({"model": "m", "instructions": "You are a coding agent.",
    "input": [
      {"type": "message", "role": "developer", "content": [
        {"type": "input_text", "text": "<permissions>"}, {"type": "input_text", "text": "none"}]},
      {"type": "message", "role": "developer", "content": [
        {"type": "input_text", "text": "<skills>"}]},
      {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}],
    "tools": [
      {"type": "function", "name": "exec_command", "description": "Runs a command", "strict": false,
       "parameters": {"type": "object", "properties": {"cmd": {"type": "string"}},
                      "required": ["cmd"], "additionalProperties": false}},
      {"type": "namespace", "name": "agents", "description": "", "tools": [
        {"type": "function", "name": "spawn", "strict": false, "parameters": {"type": "object"}}]},
      {"type": "custom", "name": "apply_patch", "format": {"type": "grammar"}},
      {"type": "web_search", "external_web_access": false}],
    "tool_choice": "auto", "parallel_tool_calls": true,
    "reasoning": {"summary": "auto"}, "store": false, "stream": true,
    "include": ["reasoning.encrypted_content"], "prompt_cache_key": "k",
    "text": {"verbosity": "low"}, "client_metadata": {"x-codex-installation-id": "i"}})";
  const auto fields = openai::read_response(Json::parse(body), body, {});
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_TRUE(fields->stream);
  const auto& prompt = std::get<ChatPrompt>(fields->request.prompt);
  EXPECT_THAT(prompt.messages, ElementsAre(Message{"system", "You are a coding agent."},
                                           Message{"system", "<permissions>\nnone"},
                                           Message{"system", "<skills>"}, Message{"user", "Hi"}));
  ASSERT_THAT(prompt.tools, SizeIs(1));
  EXPECT_EQ(prompt.tools[0].name, "exec_command");
  EXPECT_THAT(fields->noted,
              UnorderedElementsAre("client_metadata", "prompt_cache_key", "store", "text.verbosity",
                                   "reasoning.summary", "include[]", "tools[] (namespace)",
                                   "tools[] (custom)", "tools[] (web_search)"));
  EXPECT_EQ(fields->echo["reasoning"], Json({{"summary", "auto"}})) << "as it was sent";
}

/// What Claude Code sends beside a plain question, and the history of its own answers.
TEST(Noted, WhatClaudeCodeAddsIsRead) {
  const std::string body = R"({"model": "m", "max_tokens": 9, "betas": ["b"], "container": null,
    "mcp_servers": [], "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
    "metadata": {"user_id": "u", "session": "s"}, "service_tier": "auto",
    "system": [{"type": "text", "text": "Be brief.",
                "cache_control": {"type": "ephemeral", "scope": "global", "ttl": "1h"}}],
    "messages": [{"role": "user", "content": "Weather?"},
      {"role": "assistant", "content": [
        {"type": "thinking", "thinking": "Hm.", "signature": "", "cache_control": null},
        {"type": "text", "text": "I look.", "citations": [], "parsed_output": null},
        {"type": "tool_use", "id": "c", "name": "f", "input": {}, "index": 1,
         "toolset_name": null, "caller": {"type": "direct"},
         "cache_control": {"type": "ephemeral"}}]},
      {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c",
        "content": [{"type": "text", "text": "4", "cache_control": {"type": "ephemeral"}}]}]}],
    "tools": [{"name": "f", "input_schema": {"type": "object"}, "eager_input_streaming": true,
               "input_examples": [{}], "cache_control": {"type": "ephemeral"}},
              {"type": "web_search_20250305", "name": "web_search", "max_uses": 8},
              {"type": "bash_20250124", "name": "bash"}]})";
  const auto fields = anthropic::read_message_request(Json::parse(body), body, {});
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_THAT(std::get<ChatPrompt>(fields->request.prompt).tools, SizeIs(1));
  for (const char* name :
       {"betas", "mcp_servers", "context_management", "metadata", "service_tier",
        "system[].cache_control", "messages[].content[].cache_control",
        "messages[].content[].content[].cache_control", "messages[].content[].index",
        "messages[].content[].caller", "tools[].eager_input_streaming", "tools[].input_examples",
        "tools[].cache_control", "tools[] (web_search_20250305)", "tools[] (bash_20250124)"}) {
    EXPECT_THAT(fields->noted, Contains(name));
  }
  const auto counted = anthropic::read_count_request(
      Json::parse(R"({"messages": [{"role": "user", "content": "Hi"}], "betas": []})"), body, {});
  EXPECT_THAT(counted->noted, ElementsAre("betas"));
}

/// What openai-python's stream helper gives of an answer, sent back as it is.
TEST(Noted, AnswersOfTheOfficialHelpersMayBeSentBack) {
  const std::string body = R"({"messages": [{"role": "user", "content": "Hi"},
      {"role": "assistant", "content": null, "refusal": null, "annotations": null, "audio": null,
       "function_call": null, "parsed": null, "tool_calls": [{"id": "c", "index": 0,
         "type": "function", "function": {"name": "f", "arguments": "", "parsed_arguments": {}}}]},
      {"role": "tool", "tool_call_id": "c", "content": "4"}]})";
  const auto fields = openai::read_chat(Json::parse(body), body, {});
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  EXPECT_EQ(std::get<ChatPrompt>(fields->request.prompt).messages[1].tool_calls[0].arguments, "{}");
}

TEST(Noted, EveryApiSaysWhatItFound) {
  const std::string chat =
      R"({"metadata": {"a": "b"}, "messages": [{"role": "user", "content": ""}]})";
  EXPECT_THAT(openai::read_chat(Json::parse(chat), chat, {})->noted, ElementsAre("metadata"));
  EXPECT_THAT(
      openai::read_completion(Json::parse(R"({"prompt": "a", "user": "u"})"))->generation.noted,
      ElementsAre("user"));
  EXPECT_THAT(openai::read_embedding(Json::parse(R"({"input": "a", "user": "u"})"))->noted,
              ElementsAre("user"));
  const std::string ollama = R"({"model": "m", "prompt": "a", "options": {"num_thread": 4}})";
  EXPECT_THAT(ollama::read_generate(Json::parse(ollama), ollama)->noted,
              ElementsAre("options.num_thread"));
  EXPECT_THAT(
      ollama::read_embed(Json::parse(R"({"model": "m", "input": "a", "truncate": true})"))->noted,
      ElementsAre("truncate"));
}

/// Whether a value at the end of the path would be known to the schema.
bool leads_somewhere(const Json& openapi, const Json& schema, std::string_view path) {
  if (schema.contains("$ref")) {
    const auto target = schema["$ref"].get<std::string>();
    return leads_somewhere(openapi, openapi.at(Json::json_pointer(target.substr(1))), path);
  }
  for (const char* choice : {"oneOf", "anyOf"}) {
    if (!schema.contains(choice)) continue;
    for (const Json& one : schema[choice]) {
      if (leads_somewhere(openapi, one, path)) return true;
    }
  }
  if (path.starts_with("[]")) {
    if (!schema.contains("items")) return schema.contains("type") && schema["type"] != "object";
    return path.size() == 2 || leads_somewhere(openapi, schema["items"], path.substr(3));
  }
  if (!schema.contains("properties")) return !schema.contains("additionalProperties");
  const std::size_t end = path.find_first_of(".[");
  const std::string name(path.substr(0, end));
  if (!schema["properties"].contains(name)) return !schema.contains("additionalProperties");
  if (end == std::string_view::npos) return true;
  const bool deeper = path[end] == '.';
  return leads_somewhere(openapi, schema["properties"][name], path.substr(end + (deeper ? 1 : 0)));
}

TEST(Noted, TheOpenApiDocumentHasThem) {
  Json openapi = Json::parse(*read_file("src/server/openapi.json", 1 << 20));
  describe_noted(openapi);
  const std::pair<Api, const char*> schemas[] = {{Api::chat, "OpenAiChat"},
                                                 {Api::completions, "OpenAiCompletion"},
                                                 {Api::responses, "OpenAiResponse"},
                                                 {Api::embeddings, "OpenAiEmbedding"},
                                                 {Api::messages, "AnthropicMessages"},
                                                 {Api::messages, "AnthropicCount"},
                                                 {Api::ollama_answer, "OllamaChat"},
                                                 {Api::ollama_answer, "OllamaGenerate"},
                                                 {Api::ollama_embed, "OllamaEmbed"},
                                                 {Api::ollama_embed, "OllamaEmbeddings"}};
  for (const auto& [api, name] : schemas) {
    for (const NotedField& field : noted_fields()) {
      if ((field.apis & static_cast<unsigned>(api)) == 0) continue;
      EXPECT_TRUE(leads_somewhere(openapi, openapi["components"]["schemas"][name], field.path))
          << name << " lacks " << field.path;
    }
  }
}

TEST(Noted, TheManualHasTheTable) {
  EXPECT_TRUE(read_file("docs/server.md", 1 << 20)->find(noted_table()) != std::string::npos)
      << "docs/server.md shall have:\n"
      << noted_table();
}

}  // namespace
}  // namespace tenfold::server
