// POST /v1/embeddings
#include "server/apis/answers/work.h"
#include "server/apis/models.h"
#include "server/apis/openai/embedding_format.h"
#include "server/apis/openai/embedding_request.h"
#include "server/apis/openai/openai_handlers.h"
#include "server/http/offload.h"

namespace tenfold::server::openai {
namespace {

Result<EmbeddingFields> read_embeddings(const Exchange& exchange, const Services& services) {
  EmbeddingFields fields = TRY(read_embedding(TRY(exchange.json())));
  TRY(settle_model(services, fields.use, {}));
  return fields;
}

}  // namespace

boost::asio::awaitable<void> embeddings(Exchange& exchange, Services& services) {
  const auto fields =
      co_await offload(services.blocking, [&] { return read_embeddings(exchange, services); });
  if (!fields.ok()) co_return co_await exchange.send(fields.error());
  exchange.note(fields->noted);
  Embedded embedded;
  WorkTask task = embedding_task(fields->use, exchange.request().client, fields->texts, embedded);
  const Result<void> done = co_await run_work(exchange, services, std::move(task));
  if (!done.ok()) co_return co_await exchange.send(done.error());
  auto reply = embedding_reply(*fields, embedded);
  if (!reply.ok()) co_return co_await exchange.send(reply.error());
  co_await exchange.send(std::move(reply).value());
}

}  // namespace tenfold::server::openai
