// POST /v1/chat/completions
#include "server/apis/models.h"
#include "server/apis/openai/chat_format.h"
#include "server/apis/openai/chat_request.h"
#include "server/apis/openai/openai_handlers.h"

namespace tenfold::server::openai {
namespace {

Result<AnswerCall> chat_call(const Exchange& exchange, const Services& services) {
  GenerationFields fields =
      TRY(read_chat(TRY(exchange.json()), exchange.request().body, services.limits));
  TRY(settle_model(services, fields.use, {&fields.request, 1}));
  return AnswerCall{std::make_unique<ChatFormat>(fields), fields.stream, fields.use,
                    one_a_choice(fields), fields.noted};
}

}  // namespace

boost::asio::awaitable<void> chat_completions(Exchange& exchange, Services& services) {
  return answer_read(exchange, services, chat_call);
}

}  // namespace tenfold::server::openai
