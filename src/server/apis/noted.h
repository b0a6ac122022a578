// Fields of the public APIs that change no answer here: hints, bookkeeping, and tools that run on
// somebody else's servers. They are taken, left out, and named in the reply (ADR 28).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/json.h"

namespace tenfold::server {

/// The bodies that have noted fields, as bits of a set.
enum class Api : std::uint8_t {
  chat = 1,            ///< POST /v1/chat/completions
  completions = 2,     ///< POST /v1/completions
  responses = 4,       ///< POST /v1/responses
  embeddings = 8,      ///< POST /v1/embeddings
  messages = 16,       ///< POST /v1/messages and /v1/messages/count_tokens
  ollama_answer = 32,  ///< POST /api/chat and /api/generate
  ollama_embed = 64    ///< POST /api/embed and /api/embeddings
};

struct NotedField {
  std::uint8_t apis;      ///< a set of Api
  std::string_view path;  ///< from the body on; "[]": each element of an array
  /// Whether this value, part of `object`, is noted; others are left to the API's reader. nullptr:
  /// any is.
  bool (*is_noted)(const Json& value, const Json& object);
  std::string_view why;  ///< why it changes no answer, or which values are meant
};

/// Every one of them, in the order docs/server.md shows them.
std::span<const NotedField> noted_fields();

/// Takes the noted fields out of a body. An element of an array becomes null, so that the places of
/// the others stay; readers take a null as if it were not there. Returns what was found, each once:
/// the path, and of a tool its type: "tools[] (web_search)". Nulls are no finding.
std::vector<std::string> take_noted(Json& body, Api api);

/// Adds the noted fields to the schemas of an OpenAPI document, and says of each that it is.
void describe_noted(Json& openapi);

/// The table as docs/server.md has it, in Markdown; neighbours of one reason share a row.
std::string noted_table();

}  // namespace tenfold::server
