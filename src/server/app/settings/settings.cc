// GET and PATCH /api/v1/settings
#include "base/paths.h"
#include "models/place.h"
#include "server/app/settings/served.h"
#include "server/app/settings/settings_handlers.h"
#include "server/http/send_made.h"

namespace tenfold::server::settings {
namespace {

Json keys_json(const HttpOptions& options) {
  Json rows = Json::array();
  for (const ApiKey& key : options.keys) {
    Json rights = Json::array();
    if (key.rights.contains(Right::answer)) rights.push_back("answer");
    if (key.rights.contains(Right::observe)) rights.push_back("observe");
    if (key.rights.contains(Right::manage)) rights.push_back("manage");
    rows.push_back({{"name", key.name}, {"rights", std::move(rights)}});
  }
  return rows;
}

Result<Reply> shown(const App& app) {
  return json_reply({{"settings", TRY(app.settings.list())},
                     {"presets", TRY(app.settings.presets())},
                     {"config_file", app.settings.config_file},
                     {"data_folder", data_folder().string()},
                     {"models_folder", models_folder().string()},
                     {"version", TENFOLD_VERSION},
                     {"server",
                      {{"addresses", app.addresses},
                       {"keys", keys_json(app.http)},
                       {"allowed_hosts", app.http.allowed_hosts},
                       {"allowed_origins", app.http.allowed_origins}}}});
}

Result<Reply> changed(const Exchange& exchange, const App& app) {
  TRY(app.settings.change(TRY(exchange.json())));
  return shown(app);
}

}  // namespace

boost::asio::awaitable<void> show(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&] { return shown(app); });
}

boost::asio::awaitable<void> change(Exchange& exchange, App& app) {
  return send_made(exchange, app.blocking, [&] { return changed(exchange, app); });
}

}  // namespace tenfold::server::settings
