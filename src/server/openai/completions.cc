// POST /v1/completions
#include "server/models.h"
#include "server/offload.h"
#include "server/openai/completion_format.h"
#include "server/openai/completion_request.h"
#include "server/openai/handlers.h"

namespace tenfold::server::openai {
namespace {

Result<AnswerCall> read(const Exchange& exchange, const App& app) {
  CompletionFields fields = TRY(read_completion(TRY(exchange.json())));
  TRY(resolve_model(app, fields.generation.use, {}));
  AnswerCall call;
  call.format = std::make_unique<CompletionFormat>(fields);
  call.requests = one_a_choice(fields);
  call.stream = fields.generation.stream;
  call.use = std::move(fields.generation.use);
  return call;
}

}  // namespace

boost::asio::awaitable<void> completions(Exchange& exchange, App& app) {
  auto call = co_await offload(app.blocking, [&] { return read(exchange, app); });
  if (!call.ok()) co_return co_await exchange.send(call.error());
  co_await answer(exchange, app, std::move(call).value());
}

}  // namespace tenfold::server::openai
