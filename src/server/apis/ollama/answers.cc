// POST /api/chat, POST /api/generate
#include "server/apis/answers/answer.h"
#include "server/apis/answers/work.h"
#include "server/apis/models.h"
#include "server/apis/ollama/line_format.h"
#include "server/apis/ollama/ollama_handlers.h"
#include "server/http/error_reply.h"
#include "server/http/offload.h"

namespace tenfold::server::ollama {
namespace {

namespace asio = boost::asio;
using Kind = LineFormat::Kind;

Result<AnswerFields> read(const Exchange& exchange, const App& app, Kind kind) {
  const Json json = TRY(exchange.json());
  const std::string& body = exchange.request().body;
  AnswerFields fields = kind == Kind::chat ? TRY(read_chat(json, body, app.options.limits))
                                           : TRY(read_generate(json, body));
  TRY(resolve_model(app, fields.use, {&fields.request, 1}));
  return fields;
}

Reply reply_without_answer(Kind kind, const AnswerFields& fields, std::string_view reason) {
  Reply reply = json_reply(LineFormat(kind, fields).empty(reason));
  if (fields.stream) {
    reply.content_type = "application/x-ndjson";
    reply.body += "\n";
  }
  return reply;
}

asio::awaitable<void> load(Exchange& exchange, App& app, Kind kind, const AnswerFields& fields) {
  WorkTask task{fields.use, exchange.request().client, {}, {}};
  const auto loaded = co_await run_work(exchange, app, std::move(task));
  if (!loaded.ok()) co_return co_await exchange.send(loaded.error());
  co_await exchange.send(reply_without_answer(kind, fields, "load"));
}

/// A model that is not loaded is unloaded already.
Reply unload(const App& app, Kind kind, const AnswerFields& fields) {
  const auto unloaded = app.scheduler.unload(fields.use.model);
  if (!unloaded.ok() && unloaded.error().code != ErrorCode::not_found) {
    return error_reply(Dialect::ollama, unloaded.error());
  }
  return reply_without_answer(kind, fields, "unload");
}

AnswerCall call_for(Kind kind, AnswerFields fields) {
  AnswerCall call{
      std::make_unique<LineFormat>(kind, fields), fields.stream, std::move(fields.use), {}};
  call.requests.push_back(std::move(fields.request));
  return call;
}

asio::awaitable<void> handle(Exchange& exchange, App& app, Kind kind) {
  auto fields = co_await offload(app.blocking, [&] { return read(exchange, app, kind); });
  if (!fields.ok()) co_return co_await exchange.send(fields.error());
  if (fields->load_only && fields->use.keep_alive == std::chrono::milliseconds(0)) {
    co_return co_await exchange.send(unload(app, kind, *fields));
  }
  if (fields->load_only) co_return co_await load(exchange, app, kind, *fields);
  co_await answer(exchange, app, call_for(kind, std::move(fields).value()));
}

}  // namespace

asio::awaitable<void> chat(Exchange& exchange, App& app) {
  return handle(exchange, app, Kind::chat);
}

asio::awaitable<void> generate(Exchange& exchange, App& app) {
  return handle(exchange, app, Kind::generate);
}

}  // namespace tenfold::server::ollama
