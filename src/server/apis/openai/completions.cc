// POST /v1/completions
#include "server/apis/models.h"
#include "server/apis/openai/completion_format.h"
#include "server/apis/openai/completion_request.h"
#include "server/apis/openai/openai_handlers.h"

namespace tenfold::server::openai {
namespace {

Result<AnswerCall> read(const Exchange& exchange, const App& app) {
  CompletionFields fields = TRY(read_completion(TRY(exchange.json())));
  TRY(resolve_model(app, fields.generation.use, {}));
  return AnswerCall{std::make_unique<CompletionFormat>(fields), fields.generation.stream,
                    fields.generation.use, one_a_choice(fields)};
}

}  // namespace

boost::asio::awaitable<void> completions(Exchange& exchange, App& app) {
  return answer_read(exchange, app, read);
}

}  // namespace tenfold::server::openai
