// POST /api/embed, POST /api/embeddings
#include "server/apis/answers/embedding.h"
#include "server/apis/answers/work.h"
#include "server/apis/models.h"
#include "server/apis/ollama/line_format.h"
#include "server/apis/ollama/ollama_handlers.h"
#include "server/http/offload.h"

namespace tenfold::server::ollama {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

template <typename Reader>
Result<EmbedFields> read(const Exchange& exchange, const Services& services, const Reader& reader) {
  EmbedFields fields = TRY(reader(TRY(exchange.json())));
  TRY(settle_model(services, fields.use, {}));
  return fields;
}

Reply many_reply(const EmbedFields& fields, const Embedded& embedded, Clock::time_point started) {
  const std::chrono::duration<double> total = Clock::now() - started;
  return json_reply({{"model", fields.use.model},
                     {"embeddings", embedded.vectors},
                     {"total_duration", nanoseconds(total.count())},
                     {"prompt_eval_count", embedded.tokens}});
}

Reply one_reply(const Embedded& embedded) {
  return json_reply({{"embedding", embedded.vectors.front()}});
}

}  // namespace

asio::awaitable<void> embed(Exchange& exchange, Services& services) {
  const Clock::time_point started = Clock::now();
  const auto fields =
      co_await offload(services.blocking, [&] { return read(exchange, services, read_embed); });
  if (!fields.ok()) co_return co_await exchange.send(fields.error());
  exchange.note(fields->noted);
  Embedded embedded;
  WorkTask task = embedding_task(fields->use, exchange.request().client, fields->texts, embedded);
  const auto done = co_await run_work(exchange, services, std::move(task));
  if (!done.ok()) co_return co_await exchange.send(done.error());
  co_await exchange.send(many_reply(*fields, embedded, started));
}

asio::awaitable<void> embeddings(Exchange& exchange, Services& services) {
  const auto fields = co_await offload(services.blocking,
                                       [&] { return read(exchange, services, read_embeddings); });
  if (!fields.ok()) co_return co_await exchange.send(fields.error());
  exchange.note(fields->noted);
  Embedded embedded;
  WorkTask task = embedding_task(fields->use, exchange.request().client, fields->texts, embedded);
  const auto done = co_await run_work(exchange, services, std::move(task));
  if (!done.ok()) co_return co_await exchange.send(done.error());
  co_await exchange.send(one_reply(embedded));
}

}  // namespace tenfold::server::ollama
