// GET /api/v1/models/{model}, POST …/verify, POST /api/v1/models, GET /api/v1/adoptable,
// POST /api/v1/adopt, GET /api/v1/disk, DELETE /api/v1/downloads
#include <algorithm>
#include <atomic>
#include <memory>

#include "models/adopt.h"
#include "models/import.h"
#include "models/place.h"
#include "models/remove.h"
#include "models/verify_files.h"
#include "server/apis/models.h"
#include "server/app/admin/admin_handlers.h"
#include "server/app/admin/admin_request.h"
#include "server/app/settings/served.h"
#include "server/http/send_made.h"
#include "service/inspect.h"

namespace tenfold::server::admin {
namespace {

namespace asio = boost::asio;

Result<Reply> inspected(const Exchange& exchange, App& app) {
  const std::int64_t context = TRY(read_context(exchange.request().query));
  const StoredModel model = TRY(stored_model(app.store, exchange.request().parameters.at("model")));
  const SamplingLayer layers[] = {{SamplingSource::settings, app.settings.sampling()},
                                  {SamplingSource::preset, app.settings.preset(model.name)}};
  Json json = TRY(inspect_model(app.store, model.path, context, layers));
  json["stored"] = to_json(model);
  return json_reply(json);
}

Result<Reply> verified(const Exchange& exchange, App& app, const std::function<bool()>& go_on) {
  const StoredModel model = TRY(stored_model(app.store, exchange.request().parameters.at("model")));
  const std::vector<CheckedFile> files = TRY(verify_files(app.store, model, {}, go_on));
  Json rows = Json::array();
  for (const CheckedFile& file : files) rows.push_back(to_json(file));
  return json_reply({{"good", std::ranges::all_of(files, is_good)}, {"files", std::move(rows)}});
}

Result<Reply> imported(const Exchange& exchange, const App& app) {
  ImportRequest wanted = TRY(read_import(TRY(exchange.json())));
  wanted.options.cancelled = [&app] { return app.stopping.load(); };
  const Imported result = TRY(import_model(app.store, wanted.path, wanted.options));
  return json_reply({{"model", to_json(result.model)}, {"already_there", result.already_there}},
                    result.already_there ? 200 : 201);
}

/// Moves those that the store has already to `known`, by name.
Result<void> sort_out(ModelStore& store, FoundModels& found, std::vector<std::string>& known) {
  std::vector<StoredModel> fresh;
  for (StoredModel& model : found.models) {
    if (const auto here = TRY(store.find_path(model.path))) {
      known.push_back(here->name);
      continue;
    }
    model.name = TRY(store.unused_name(model.name));
    fresh.push_back(std::move(model));
  }
  found.models = std::move(fresh);
  return {};
}

Result<Reply> adoptable(ModelStore& store) {
  FoundModels found = find_models_of_others();
  std::vector<std::string> known;
  TRY(sort_out(store, found, known));
  Json json{{"folders", Json::array()},
            {"models", Json::array()},
            {"already_there", known},
            {"skipped", Json::array()}};
  for (const auto& folder : found.folders) json["folders"].push_back(folder.string());
  for (const StoredModel& model : found.models) json["models"].push_back(to_json(model));
  for (const SkippedModel& skipped : found.skipped) {
    json["skipped"].push_back({{"path", skipped.path.string()},
                               {"program", skipped.program},
                               {"reason", skipped.reason}});
  }
  return json_reply(json);
}

Result<Reply> adopted(const Exchange& exchange, ModelStore& store) {
  const auto paths = TRY(read_adopt(TRY(exchange.json())));
  FoundModels found = find_models_of_others();
  std::vector<std::string> known;
  TRY(sort_out(store, found, known));
  if (paths) {
    for (const std::string& path : *paths) {
      const auto is_there = [&](const StoredModel& model) { return model.path == path; };
      if (std::ranges::any_of(found.models, is_there)) continue;
      return fail(ErrorCode::not_found, "no other program keeps a new model at " + path,
                  "GET /api/v1/adoptable lists them");
    }
  }
  Json rows = Json::array();
  for (StoredModel& model : found.models) {
    if (paths && std::ranges::find(*paths, model.path.string()) == paths->end()) continue;
    model.name = TRY(store.unused_name(model.name));  // two may want the same one
    TRY(store.add(model));
    rows.push_back(to_json(model));
  }
  return json_reply({{"models", std::move(rows)}});
}

Result<Reply> disk_use(ModelStore& store) {
  std::vector<StoredModel> models = TRY(store.list());
  std::ranges::sort(models, std::ranges::greater(), &StoredModel::bytes);
  std::uint64_t owned = 0;
  std::uint64_t linked = 0;
  std::uint64_t unfinished = 0;
  for (const Leftover& part : TRY(clear_unfinished_downloads(true))) unfinished += part.bytes;
  Json rows = Json::array();
  for (const StoredModel& model : models) {
    (model.owned ? owned : linked) += model.bytes();
    rows.push_back({{"name", model.name}, {"bytes", model.bytes()}, {"owned", model.owned}});
  }
  return json_reply({{"folder", models_folder().string()},
                     {"models", std::move(rows)},
                     {"owned_bytes", owned},
                     {"linked_bytes", linked},
                     {"unfinished_bytes", unfinished},
                     {"free_bytes", TRY(free_space())}});
}

Result<Reply> cleared() {
  Json rows = Json::array();
  std::uint64_t freed = 0;
  for (const Leftover& leftover : TRY(clear_unfinished_downloads(false))) {
    rows.push_back(to_json(leftover));
    if (leftover.removed) freed += leftover.bytes;
  }
  return json_reply({{"leftovers", std::move(rows)}, {"freed_bytes", freed}});
}

}  // namespace

asio::awaitable<void> inspect(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&] { return inspected(exchange, app); });
}

asio::awaitable<void> verify_stored(Exchange& exchange, App& app) {
  const auto gone = std::make_shared<std::atomic<bool>>(false);
  exchange.on_gone([gone] { *gone = true; });
  const auto go_on = [&app, &gone] { return !*gone && !app.stopping; };
  co_await send_made(exchange, app.jobs, [&] { return verified(exchange, app, go_on); });
}

asio::awaitable<void> import_here(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&] { return imported(exchange, app); });
}

asio::awaitable<void> list_adoptable(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&app] { return adoptable(app.store); });
}

asio::awaitable<void> adopt(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&exchange, &app] { return adopted(exchange, app.store); });
}

asio::awaitable<void> disk(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, [&app] { return disk_use(app.store); });
}

asio::awaitable<void> clear_downloads(Exchange& exchange, App& app) {
  return send_made(exchange, app.jobs, cleared);
}

}  // namespace tenfold::server::admin
