#include "server/routes.h"

#include <array>

#include "server/anthropic/handlers.h"
#include "server/ollama/handlers.h"
#include "server/openai/handlers.h"
#include "server/system/handlers.h"

namespace tenfold::server {
namespace {

using enum Right;

constexpr auto table = std::to_array<Route>({
    {"GET", "/health", Dialect::tenfold, observe, system::health},
    {"GET", "/ready", Dialect::tenfold, observe, system::ready},
    {"POST", "/v1/chat/completions", Dialect::openai, answer, openai::chat_completions},
    {"POST", "/v1/completions", Dialect::openai, answer, openai::completions},
    {"POST", "/v1/responses", Dialect::openai, answer, openai::responses},
    {"POST", "/v1/embeddings", Dialect::openai, answer, openai::embeddings},
    {"GET", "/v1/models", Dialect::openai, answer, openai::list_models},
    {"GET", "/v1/models/{model}", Dialect::openai, answer, openai::show_model},
    {"POST", "/v1/messages", Dialect::anthropic, answer, anthropic::messages},
    {"POST", "/v1/messages/count_tokens", Dialect::anthropic, answer, anthropic::count_tokens},
    {"GET", "/", Dialect::ollama, answer, ollama::greet},
    {"POST", "/api/chat", Dialect::ollama, answer, ollama::chat},
    {"POST", "/api/generate", Dialect::ollama, answer, ollama::generate},
    {"POST", "/api/embed", Dialect::ollama, answer, ollama::embed},
    {"POST", "/api/embeddings", Dialect::ollama, answer, ollama::embeddings},
    {"GET", "/api/tags", Dialect::ollama, answer, ollama::tags},
    {"POST", "/api/show", Dialect::ollama, answer, ollama::show},
    {"GET", "/api/ps", Dialect::ollama, observe, ollama::ps},
    {"POST", "/api/pull", Dialect::ollama, manage, ollama::pull},
    {"DELETE", "/api/delete", Dialect::ollama, manage, ollama::remove},
    {"GET", "/api/version", Dialect::ollama, answer, ollama::version},
});

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace tenfold::server
