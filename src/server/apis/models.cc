#include "server/apis/models.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/catalogue.h"
#include "models/remove.h"
#include "service/scheduler.h"

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

Result<std::optional<StoredModel>> find_stored(ModelStore& store, std::string_view name) {
  constexpr std::string_view latest = ":latest";
  if (name.ends_with(latest)) name.remove_suffix(latest.size());
  return store.find(name);
}

Error no_such_model(std::string_view name) {
  const auto catalogue = load_catalogue();
  const bool known = catalogue.ok() && catalogue->find(name) != nullptr;
  return fail(ErrorCode::not_found, fmt::format("there is no model \"{}\" here", name),
              known ? fmt::format("run: tenfold pull {}", name)
                    : "GET /v1/models lists those that are here; tenfold search finds others");
}

}  // namespace

Result<std::vector<StoredModel>> list_models(ModelStore& store) { return store.list(); }

Result<StoredModel> stored_model(ModelStore& store, std::string_view name) {
  if (auto found = TRY(find_stored(store, name))) return std::move(*found);
  return no_such_model(name);
}

Result<void> settle_model(const Services& services, ModelUse& use, std::span<Request> requests) {
  if (use.model.empty()) use.model = services.default_model;
  const auto found = find_stored(services.store, use.model);
  if (!found.ok() || !*found) {
    if (use.model == services.default_model) return {};  // a path, by the server's owner
    return found.ok() ? no_such_model(use.model) : found.error();
  }
  const StoredModel& model = **found;
  use.model = model.name;
  for (Request& request : requests) add_system_message(request, model.system);
  return {};
}

Result<std::string> settled_name(const Services& services, const std::string& model) {
  ModelUse use{model, {}, {}, {}};
  TRY(settle_model(services, use, {}));
  return use.model;
}

Result<void> unload_and_remove(const Services& services, std::string_view name) {
  const StoredModel model = TRY(stored_model(services.store, name));
  const auto unloaded = services.scheduler.unload(model.name);
  if (!unloaded.ok() && unloaded.error().code != ErrorCode::not_found) return unloaded;
  TRY(remove_model(services.store, model.name));
  return {};
}

}  // namespace tenfold::server
