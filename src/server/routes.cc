#include "server/routes.h"

#include <array>

#include "server/openai/handlers.h"
#include "server/system/handlers.h"

namespace tenfold::server {
namespace {

using enum Right;

constexpr auto table = std::to_array<Route>({
    {"GET", "/health", Dialect::tenfold, observe, system::health},
    {"GET", "/ready", Dialect::tenfold, observe, system::ready},
    {"POST", "/v1/chat/completions", Dialect::openai, answer, openai::chat_completions},
    {"GET", "/v1/models", Dialect::openai, answer, openai::list_models},
    {"GET", "/v1/models/{model}", Dialect::openai, answer, openai::show_model},
});

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace tenfold::server
