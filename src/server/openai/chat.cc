// POST /v1/chat/completions
#include "server/models.h"
#include "server/offload.h"
#include "server/openai/chat_format.h"
#include "server/openai/chat_request.h"
#include "server/openai/handlers.h"

namespace tenfold::server::openai {
namespace {

Result<AnswerCall> read(const Exchange& exchange, const App& app) {
  GenerationFields fields =
      TRY(read_chat(TRY(exchange.json()), exchange.request().body, app.options.limits));
  TRY(resolve_model(app, fields.use, {&fields.request, 1}));
  AnswerCall call;
  call.format = std::make_unique<ChatFormat>(fields);
  call.requests = one_a_choice(fields);
  call.stream = fields.stream;
  call.use = std::move(fields.use);
  return call;
}

}  // namespace

boost::asio::awaitable<void> chat_completions(Exchange& exchange, App& app) {
  auto call = co_await offload(app.blocking, [&] { return read(exchange, app); });
  if (!call.ok()) co_return co_await exchange.send(call.error());
  co_await answer(exchange, app, std::move(call).value());
}

}  // namespace tenfold::server::openai
