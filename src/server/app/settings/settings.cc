// GET and PATCH /api/v1/settings
#include "base/paths.h"
#include "models/place.h"
#include "server/app/send_made.h"
#include "server/app/settings/settings_handlers.h"

namespace tenfold::server::settings {
namespace {

Json keys_json(const ServerOptions& options) {
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
  const ServerOptions& options = app.options;
  return json_reply({{"settings", TRY(options.settings.list())},
                     {"config_file", options.settings.config_file},
                     {"data_folder", data_folder().string()},
                     {"models_folder", models_folder().string()},
                     {"version", TENFOLD_VERSION},
                     {"server",
                      {{"addresses", app.addresses},
                       {"keys", keys_json(options)},
                       {"allowed_hosts", options.allowed_hosts},
                       {"allowed_origins", options.allowed_origins}}}});
}

Result<Reply> changed(const Exchange& exchange, const App& app) {
  TRY(app.options.settings.change(TRY(exchange.json())));
  return shown(app);
}

}  // namespace

boost::asio::awaitable<void> show(Exchange& exchange, App& app) {
  return send_made(exchange, app, [&] { return shown(app); });
}

boost::asio::awaitable<void> change(Exchange& exchange, App& app) {
  return send_made(exchange, app, [&] { return changed(exchange, app); });
}

}  // namespace tenfold::server::settings
