#include "server/routes.h"

#include <array>

#include "server/admin/handlers.h"
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
    {"GET", "/metrics", Dialect::tenfold, observe, system::metrics},
    {"GET", "/openapi.json", Dialect::tenfold, answer, system::openapi},
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
    {"GET", "/api/v1/engines", Dialect::tenfold, observe, admin::list_engines},
    {"GET", "/api/v1/models", Dialect::tenfold, observe, admin::list_stored},
    {"DELETE", "/api/v1/models/{model}", Dialect::tenfold, manage, admin::delete_stored},
    {"GET", "/api/v1/catalogue", Dialect::tenfold, observe, admin::search_catalogue},
    {"POST", "/api/v1/downloads", Dialect::tenfold, manage, admin::start_download},
    {"GET", "/api/v1/downloads", Dialect::tenfold, observe, admin::list_downloads},
    {"GET", "/api/v1/downloads/{id}/events", Dialect::tenfold, observe, admin::follow_download},
    {"GET", "/api/v1/downloads/{id}", Dialect::tenfold, observe, admin::show_download},
    {"DELETE", "/api/v1/downloads/{id}", Dialect::tenfold, manage, admin::cancel_download},
    {"POST", "/api/v1/load", Dialect::tenfold, manage, admin::load},
    {"POST", "/api/v1/unload", Dialect::tenfold, manage, admin::unload},
    {"GET", "/api/v1/status", Dialect::tenfold, observe, admin::status},
    {"GET", "/api/v1/events", Dialect::tenfold, observe, admin::follow_status},
    {"POST", "/api/v1/score", Dialect::tenfold, answer, admin::score},
    {"POST", "/api/v1/tokenize", Dialect::tenfold, answer, admin::tokenize},
});

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace tenfold::server
