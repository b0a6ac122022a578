// GET /v1/models, GET /v1/models/{model}
#include "server/apis/models.h"
#include "server/apis/openai/openai_handlers.h"
#include "server/http/offload.h"

namespace tenfold::server::openai {
namespace {

Json model_json(const StoredModel& model) {
  return {{"id", model.name},       {"object", "model"},
          {"created", model.added}, {"owned_by", to_string(model.origin)},
          {"format", model.format}, {"size_bytes", model.bytes()}};
}

Reply list_reply(const std::vector<StoredModel>& models) {
  Json data = Json::array();
  for (const StoredModel& model : models) data.push_back(model_json(model));
  return json_reply({{"object", "list"}, {"data", std::move(data)}});
}

}  // namespace

boost::asio::awaitable<void> list_models(Exchange& exchange, Services& services) {
  const auto models =
      co_await offload(services.blocking, [&] { return server::list_models(services.store); });
  if (!models.ok()) co_return co_await exchange.send(models.error());
  co_await exchange.send(list_reply(*models));
}

boost::asio::awaitable<void> show_model(Exchange& exchange, Services& services) {
  const std::string& name = exchange.request().parameters.at("model");
  const auto model =
      co_await offload(services.blocking, [&] { return stored_model(services.store, name); });
  if (!model.ok()) co_return co_await exchange.send(model.error());
  co_await exchange.send(json_reply(model_json(*model)));
}

}  // namespace tenfold::server::openai
