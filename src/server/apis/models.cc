#include "server/apis/models.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/catalogue.h"
#include "models/remove.h"

namespace tenfold::server {
namespace {

void add_system_message(Request& request, const std::string& text) {
  auto* chat = std::get_if<ChatPrompt>(&request.prompt);
  if (chat == nullptr || text.empty()) return;
  if (std::ranges::any_of(chat->messages,
                          [](const Message& message) { return message.role == "system"; })) {
    return;
  }
  chat->messages.insert(chat->messages.begin(), Message{"system", text});
}

}  // namespace

Result<std::vector<StoredModel>> list_models() {
  ModelStore store = TRY(ModelStore::open());
  return store.list();
}

Result<StoredModel> stored_model(std::string_view name) {
  constexpr std::string_view latest = ":latest";
  if (name.ends_with(latest)) name.remove_suffix(latest.size());
  ModelStore store = TRY(ModelStore::open());
  if (auto found = TRY(store.find(name))) return std::move(*found);
  const bool known = TRY(load_catalogue()).find(name) != nullptr;
  return fail(ErrorCode::not_found, fmt::format("there is no model \"{}\" here", name),
              known ? fmt::format("run: tenfold pull {}", name)
                    : "GET /v1/models lists those that are here; tenfold search finds others");
}

Result<void> resolve_model(const App& app, ModelUse& use, std::span<Request> requests) {
  if (use.model.empty()) use.model = app.default_model;
  const auto model = stored_model(use.model);
  if (!model.ok() && use.model == app.default_model) return {};  // a path, by the server's owner
  if (!model.ok()) return model.error();
  use.model = model->name;
  for (Request& request : requests) add_system_message(request, model->system);
  return {};
}

Result<std::string> resolved_name(const App& app, const std::string& model) {
  ModelUse use{model, {}, {}, {}};
  TRY(resolve_model(app, use, {}));
  return use.model;
}

Result<void> remove_model(const App& app, std::string_view name) {
  const StoredModel model = TRY(stored_model(name));
  const auto unloaded = app.scheduler.unload(model.name);
  if (!unloaded.ok() && unloaded.error().code != ErrorCode::not_found) return unloaded;
  ModelStore store = TRY(ModelStore::open());
  TRY(tenfold::remove_model(store, model.name));
  return {};
}

}  // namespace tenfold::server
