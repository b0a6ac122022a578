// POST /v1/completions
#include "server/apis/models.h"
#include "server/apis/openai/completion_format.h"
#include "server/apis/openai/completion_request.h"
#include "server/apis/openai/openai_handlers.h"

namespace tenfold::server::openai {
namespace {

Result<AnswerCall> completion_call(const Exchange& exchange, const Services& services) {
  CompletionFields fields = TRY(read_completion(TRY(exchange.json())));
  TRY(settle_model(services, fields.generation.use, {}));
  return AnswerCall{std::make_unique<CompletionFormat>(fields), fields.generation.stream,
                    fields.generation.use, one_a_choice(fields), fields.generation.noted};
}

}  // namespace

boost::asio::awaitable<void> completions(Exchange& exchange, Services& services) {
  return answer_read(exchange, services, completion_call);
}

}  // namespace tenfold::server::openai
