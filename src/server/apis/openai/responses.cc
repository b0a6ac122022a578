// POST /v1/responses
#include "server/apis/models.h"
#include "server/apis/openai/openai_handlers.h"
#include "server/apis/openai/response_format.h"
#include "server/apis/openai/response_request.h"

namespace tenfold::server::openai {
namespace {

Result<AnswerCall> response_call(const Exchange& exchange, const Services& services) {
  ResponseFields fields =
      TRY(read_response(TRY(exchange.json()), exchange.request().body, services.limits));
  TRY(settle_model(services, fields.use, {&fields.request, 1}));
  AnswerCall call{
      std::make_unique<ResponseFormat>(fields), fields.stream, std::move(fields.use), {}};
  call.requests.push_back(std::move(fields.request));
  call.noted = std::move(fields.noted);
  return call;
}

}  // namespace

boost::asio::awaitable<void> responses(Exchange& exchange, Services& services) {
  return answer_read(exchange, services, response_call);
}

}  // namespace tenfold::server::openai
