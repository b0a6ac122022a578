// POST /v1/responses
#include "server/models.h"
#include "server/offload.h"
#include "server/openai/handlers.h"
#include "server/openai/response_format.h"
#include "server/openai/response_request.h"

namespace tenfold::server::openai {
namespace {

Result<AnswerCall> read(const Exchange& exchange, const App& app) {
  ResponseFields fields =
      TRY(read_response(TRY(exchange.json()), exchange.request().body, app.options.limits));
  TRY(resolve_model(app, fields.use, {&fields.request, 1}));
  AnswerCall call;
  call.format = std::make_unique<ResponseFormat>(fields);
  call.stream = fields.stream;
  call.use = std::move(fields.use);
  call.requests.push_back(std::move(fields.request));
  return call;
}

}  // namespace

boost::asio::awaitable<void> responses(Exchange& exchange, App& app) {
  auto call = co_await offload(app.blocking, [&] { return read(exchange, app); });
  if (!call.ok()) co_return co_await exchange.send(call.error());
  co_await answer(exchange, app, std::move(call).value());
}

}  // namespace tenfold::server::openai
