// POST /v1/messages, POST /v1/messages/count_tokens
#include "server/apis/answers/answer.h"
#include "server/apis/answers/work.h"
#include "server/apis/anthropic/anthropic_handlers.h"
#include "server/apis/anthropic/message_format.h"
#include "server/apis/models.h"
#include "server/http/offload.h"

namespace tenfold::server::anthropic {
namespace {

Result<AnswerCall> read(const Exchange& exchange, const Services& services) {
  MessageFields fields =
      TRY(read_message_request(TRY(exchange.json()), exchange.request().body, services.limits));
  TRY(settle_model(services, fields.use, {&fields.request, 1}));
  AnswerCall call{
      std::make_unique<MessageFormat>(fields), fields.stream, std::move(fields.use), {}};
  call.requests.push_back(std::move(fields.request));
  call.noted = std::move(fields.noted);
  return call;
}

Result<MessageFields> read_count(const Exchange& exchange, const Services& services) {
  MessageFields fields =
      TRY(read_count_request(TRY(exchange.json()), exchange.request().body, services.limits));
  TRY(settle_model(services, fields.use, {&fields.request, 1}));
  return fields;
}

WorkTask counting(MessageFields fields, const Exchange& exchange, std::size_t& tokens) {
  WorkTask task;
  task.use = std::move(fields.use);
  task.client = exchange.request().client;
  task.work = [prompt = std::move(fields.request.prompt), &tokens](
                  Engine& engine, const LoadedModel&, const std::stop_token& stop) -> Result<void> {
    tokens = TRY(engine.prepare(prompt, stop)).tokens.size();
    return {};
  };
  return task;
}

Reply count_reply(std::size_t tokens) { return json_reply({{"input_tokens", tokens}}); }

}  // namespace

boost::asio::awaitable<void> messages(Exchange& exchange, Services& services) {
  return answer_read(exchange, services, read);
}

boost::asio::awaitable<void> count_tokens(Exchange& exchange, Services& services) {
  auto fields = co_await offload(services.blocking, [&] { return read_count(exchange, services); });
  if (!fields.ok()) co_return co_await exchange.send(fields.error());
  exchange.note(fields->noted);
  std::size_t tokens = 0;
  WorkTask task = counting(std::move(fields).value(), exchange, tokens);
  const Result<void> counted = co_await run_work(exchange, services, std::move(task));
  if (!counted.ok()) co_return co_await exchange.send(counted.error());
  co_await exchange.send(count_reply(tokens));
}

}  // namespace tenfold::server::anthropic
