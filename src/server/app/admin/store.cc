// GET /api/v1/models, DELETE /api/v1/models/{model}, GET /api/v1/catalogue
#include "server/apis/models.h"
#include "server/app/admin/admin_handlers.h"
#include "server/app/admin/admin_request.h"
#include "server/http/send_made.h"
#include "service/outlook.h"

namespace tenfold::server::admin {
namespace {

namespace asio = boost::asio;

Result<Reply> stored(App& app) {
  Json rows = Json::array();
  for (const StoredModel& model : TRY(list_models(app.store))) rows.push_back(listed(model));
  return json_reply({{"models", std::move(rows)}});
}

Result<Reply> found(const Exchange& exchange) {
  const CatalogueSearch search = TRY(read_search(exchange.request().query));
  Catalogue catalogue = TRY(load_catalogue());
  std::erase_if(catalogue.models, [&](const CatalogueModel& model) {
    return !matches(model, search.query) || (search.fits && fits(model, outlook(model)) != true);
  });
  Json rows = Json::array();
  for (const CatalogueModel& model : catalogue.models) rows.push_back(to_json(model));
  return json_reply({{"default", catalogue.default_name}, {"models", std::move(rows)}});
}

Result<Reply> deleted(const Exchange& exchange, const App& app) {
  TRY(unload_and_remove(app, exchange.request().parameters.at("model")));
  return json_reply(Json::object());
}

}  // namespace

asio::awaitable<void> list_stored(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&app] { return stored(app); });
}

asio::awaitable<void> search_catalogue(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&exchange] { return found(exchange); });
}

asio::awaitable<void> delete_stored(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&] { return deleted(exchange, app); });
}

}  // namespace tenfold::server::admin
