#include "server/routes.h"

#include <array>

#include "server/apis/anthropic/anthropic_handlers.h"
#include "server/apis/ollama/ollama_handlers.h"
#include "server/apis/openai/openai_handlers.h"
#include "server/app/admin/admin_handlers.h"
#include "server/app/app.h"
#include "server/app/bench/bench_handlers.h"
#include "server/app/conversations/conversation_handlers.h"
#include "server/app/monitor/monitor_handlers.h"
#include "server/app/page/page_handlers.h"
#include "server/app/settings/settings_handlers.h"
#include "server/app/system/system_handlers.h"
#include "server/app/verify/verify_handlers.h"

namespace tenfold::server {
namespace {

using enum Right;

constexpr auto everyone = std::nullopt;

/// A handler that works with the services alone.
template <boost::asio::awaitable<void> (*handler)(Exchange&, Services&)>
boost::asio::awaitable<void> api(Exchange& exchange, App& app) {
  return handler(exchange, app);
}

constexpr auto table = std::to_array<Route>({
    {"GET", "/", Dialect::ollama, everyone, page::index},
    {"GET", "/assets/{file}", Dialect::tenfold, everyone, page::asset},
    {"GET", "/health", Dialect::tenfold, everyone, system::health},
    {"GET", "/ready", Dialect::tenfold, everyone, system::ready},
    {"GET", "/metrics", Dialect::tenfold, observe, system::metrics},
    {"GET", "/openapi.json", Dialect::tenfold, answer, system::openapi},
    {"POST", "/v1/chat/completions", Dialect::openai, answer, api<openai::chat_completions>},
    {"POST", "/v1/completions", Dialect::openai, answer, api<openai::completions>},
    {"POST", "/v1/responses", Dialect::openai, answer, api<openai::responses>},
    {"POST", "/v1/embeddings", Dialect::openai, answer, api<openai::embeddings>},
    {"GET", "/v1/models", Dialect::openai, answer, api<openai::list_models>},
    {"GET", "/v1/models/{model}", Dialect::openai, answer, api<openai::show_model>},
    {"POST", "/v1/messages", Dialect::anthropic, answer, api<anthropic::messages>},
    {"POST", "/v1/messages/count_tokens", Dialect::anthropic, answer, api<anthropic::count_tokens>},
    {"POST", "/api/chat", Dialect::ollama, answer, api<ollama::chat>},
    {"POST", "/api/generate", Dialect::ollama, answer, api<ollama::generate>},
    {"POST", "/api/embed", Dialect::ollama, answer, api<ollama::embed>},
    {"POST", "/api/embeddings", Dialect::ollama, answer, api<ollama::embeddings>},
    {"GET", "/api/tags", Dialect::ollama, answer, api<ollama::tags>},
    {"POST", "/api/show", Dialect::ollama, answer, api<ollama::show>},
    {"GET", "/api/ps", Dialect::ollama, observe, api<ollama::ps>},
    {"POST", "/api/pull", Dialect::ollama, manage, api<ollama::pull>},
    {"DELETE", "/api/delete", Dialect::ollama, manage, api<ollama::remove>},
    {"GET", "/api/version", Dialect::ollama, answer, api<ollama::version>},
    {"GET", "/api/v1/engines", Dialect::tenfold, observe, admin::list_engines},
    {"GET", "/api/v1/models", Dialect::tenfold, observe, admin::list_stored},
    {"POST", "/api/v1/models", Dialect::tenfold, manage, admin::import_here},
    {"GET", "/api/v1/models/{model}", Dialect::tenfold, observe, admin::inspect},
    {"DELETE", "/api/v1/models/{model}", Dialect::tenfold, manage, admin::delete_stored},
    {"POST", "/api/v1/models/{model}/verify", Dialect::tenfold, manage, admin::verify_stored},
    {"GET", "/api/v1/adoptable", Dialect::tenfold, manage, admin::list_adoptable},
    {"POST", "/api/v1/adopt", Dialect::tenfold, manage, admin::adopt},
    {"GET", "/api/v1/disk", Dialect::tenfold, observe, admin::disk},
    {"GET", "/api/v1/catalogue", Dialect::tenfold, observe, admin::search_catalogue},
    {"POST", "/api/v1/downloads", Dialect::tenfold, manage, admin::start_download},
    {"GET", "/api/v1/downloads", Dialect::tenfold, observe, admin::list_downloads},
    {"DELETE", "/api/v1/downloads", Dialect::tenfold, manage, admin::clear_downloads},
    {"GET", "/api/v1/downloads/{id}/events", Dialect::tenfold, observe, admin::follow_download},
    {"GET", "/api/v1/downloads/{id}", Dialect::tenfold, observe, admin::show_download},
    {"POST", "/api/v1/downloads/{id}/cancel", Dialect::tenfold, manage, admin::cancel_download},
    {"POST", "/api/v1/load", Dialect::tenfold, manage, admin::load},
    {"POST", "/api/v1/unload", Dialect::tenfold, manage, admin::unload},
    {"GET", "/api/v1/status", Dialect::tenfold, observe, monitor::status},
    {"GET", "/api/v1/events", Dialect::tenfold, observe, monitor::follow},
    {"POST", "/api/v1/score", Dialect::tenfold, answer, admin::score},
    {"POST", "/api/v1/tokenize", Dialect::tenfold, answer, admin::tokenize},
    {"GET", "/api/v1/conversations", Dialect::tenfold, manage, conversations::list},
    {"POST", "/api/v1/conversations", Dialect::tenfold, manage, conversations::create},
    {"POST", "/api/v1/conversations/import", Dialect::tenfold, manage, conversations::import_one},
    {"POST", "/api/v1/conversations/{id}/restore", Dialect::tenfold, manage,
     conversations::restore},
    {"GET", "/api/v1/conversations/{id}/export", Dialect::tenfold, manage,
     conversations::export_one},
    {"POST", "/api/v1/conversations/{id}/answers", Dialect::tenfold, manage, conversations::ask},
    {"GET", "/api/v1/conversations/{id}/events", Dialect::tenfold, manage, conversations::follow},
    {"POST", "/api/v1/conversations/{id}/prompt", Dialect::tenfold, manage, conversations::look},
    {"GET", "/api/v1/conversations/{id}", Dialect::tenfold, manage, conversations::show},
    {"PATCH", "/api/v1/conversations/{id}", Dialect::tenfold, manage, conversations::change},
    {"DELETE", "/api/v1/conversations/{id}", Dialect::tenfold, manage, conversations::remove},
    {"DELETE", "/api/v1/answers/{id}", Dialect::tenfold, manage, conversations::stop},
    {"GET", "/api/v1/settings", Dialect::tenfold, manage, settings::show},
    {"PATCH", "/api/v1/settings", Dialect::tenfold, manage, settings::change},
    {"GET", "/api/v1/benchmarks", Dialect::tenfold, observe, bench::list},
    {"POST", "/api/v1/benchmarks", Dialect::tenfold, manage, bench::start},
    {"POST", "/api/v1/benchmarks/{id}/cancel", Dialect::tenfold, manage, bench::cancel},
    {"GET", "/api/v1/benchmarks/{id}/events", Dialect::tenfold, observe, bench::follow},
    {"GET", "/api/v1/benchmarks/{id}/export", Dialect::tenfold, observe, bench::export_one},
    {"GET", "/api/v1/benchmarks/{id}", Dialect::tenfold, observe, bench::show},
    {"DELETE", "/api/v1/benchmarks/{id}", Dialect::tenfold, manage, bench::remove},
    {"POST", "/api/v1/verify", Dialect::tenfold, manage, verify::compare},
});

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace tenfold::server
