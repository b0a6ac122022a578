// POST /api/chat, POST /api/generate
#include "server/apis/answers/answer.h"
#include "server/apis/answers/work.h"
#include "server/apis/models.h"
#include "server/apis/ollama/line_format.h"
#include "server/apis/ollama/ollama_handlers.h"
#include "server/http/error_reply.h"
#include "server/http/offload.h"
#include "service/scheduler.h"

namespace tenfold::server::ollama {
namespace {

namespace asio = boost::asio;
using Kind = LineFormat::Kind;

Result<AnswerFields> read(const Exchange& exchange, const Services& services, Kind kind) {
  Json json = TRY(exchange.json());
  const std::string& body = exchange.request().body;
  AnswerFields fields = kind == Kind::chat ? TRY(read_chat(std::move(json), body, services.limits))
                                           : TRY(read_generate(std::move(json), body));
  TRY(settle_model(services, fields.use, {&fields.request, 1}));
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

asio::awaitable<void> load(Exchange& exchange, Services& services, Kind kind,
                           const AnswerFields& fields) {
  WorkTask task{fields.use, exchange.request().client, {}, {}};
  const auto loaded = co_await run_work(exchange, services, std::move(task));
  if (!loaded.ok()) co_return co_await exchange.send(loaded.error());
  co_await exchange.send(reply_without_answer(kind, fields, "load"));
}

/// A model that is not loaded is unloaded already.
Reply unload(const Services& services, Kind kind, const AnswerFields& fields) {
  const auto unloaded = services.scheduler.unload(fields.use.model);
  if (!unloaded.ok() && unloaded.error().code != ErrorCode::not_found) {
    return error_reply(Dialect::ollama, unloaded.error());
  }
  return reply_without_answer(kind, fields, "unload");
}

AnswerCall call_for(Kind kind, AnswerFields fields) {
  AnswerCall call{
      std::make_unique<LineFormat>(kind, fields), fields.stream, std::move(fields.use), {}};
  call.requests.push_back(std::move(fields.request));
  call.noted = std::move(fields.noted);
  return call;
}

asio::awaitable<void> handle(Exchange& exchange, Services& services, Kind kind) {
  auto fields = co_await offload(services.blocking, [&] { return read(exchange, services, kind); });
  if (!fields.ok()) co_return co_await exchange.send(fields.error());
  if (fields->load_only && fields->use.keep_alive == std::chrono::milliseconds(0)) {
    co_return co_await exchange.send(unload(services, kind, *fields));
  }
  if (fields->load_only) co_return co_await load(exchange, services, kind, *fields);
  co_await answer(exchange, services, call_for(kind, std::move(fields).value()));
}

}  // namespace

asio::awaitable<void> chat(Exchange& exchange, Services& services) {
  return handle(exchange, services, Kind::chat);
}

asio::awaitable<void> generate(Exchange& exchange, Services& services) {
  return handle(exchange, services, Kind::generate);
}

}  // namespace tenfold::server::ollama
