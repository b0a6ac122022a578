// GET /api/tags, POST /api/show, GET /api/ps, DELETE /api/delete, GET /api/version, GET /
#include <fmt/format.h>

#include "formats/untrusted.h"
#include "server/apis/models.h"
#include "server/apis/ollama/line_format.h"
#include "server/apis/ollama/ollama_handlers.h"
#include "server/http/offload.h"
#include "server/http/send_made.h"
#include "service/scheduler.h"

namespace tenfold::server::ollama {
namespace {

namespace asio = boost::asio;
using std::chrono::system_clock;

std::string added_at(const StoredModel& model) {
  return timestamp(system_clock::time_point(std::chrono::seconds(model.added)));
}

/// Of the model's one file; empty for a folder, and where it is not known.
std::string digest(const StoredModel& model) {
  for (const StoredFile& file : model.files) {
    if (file.path == model.path) return file.sha256;
  }
  return {};
}

/// "134.5M"
std::string parameter_size(std::uint64_t parameters) {
  if (parameters == 0) return {};
  const auto count = static_cast<double>(parameters);
  return count < 1e9 ? fmt::format("{:.1f}M", count / 1e6) : fmt::format("{:.1f}B", count / 1e9);
}

/// Lists say what the store knows; files are read for show() alone.
Json details_json(const std::string& format, const ModelDescription& model = {}) {
  Json families = Json::array();
  if (!model.architecture.empty()) families.push_back(model.architecture);
  return {{"parent_model", ""},
          {"format", format},
          {"family", model.architecture},
          {"families", std::move(families)},
          {"parameter_size", parameter_size(model.parameters)},
          {"quantization_level", model.quantization}};
}

Reply tags_reply(const std::vector<StoredModel>& models) {
  Json list = Json::array();
  for (const StoredModel& model : models) {
    list.push_back({{"name", model.name},
                    {"model", model.name},
                    {"modified_at", added_at(model)},
                    {"size", model.bytes()},
                    {"digest", digest(model)},
                    {"details", details_json(model.format)}});
  }
  return json_reply({{"models", std::move(list)}});
}

/// What the template has places for.
Json capabilities_json(const ModelDescription& model) {
  Json list = Json::array({"completion"});
  const auto mentions = [&](const char* word) {
    return model.text.chat_template.find(word) != std::string::npos;
  };
  if (mentions("tools")) list.push_back("tools");
  if (mentions("<think>")) list.push_back("thinking");
  return list;
}

Reply show_reply(const StoredModel& stored, const ModelDescription& model) {
  Json info{{"general.architecture", model.architecture},
            {"general.parameter_count", model.parameters}};
  if (model.sizes.context > 0 && !model.architecture.empty()) {
    info[model.architecture + ".context_length"] = model.sizes.context;
  }
  return json_reply({{"modified_at", added_at(stored)},
                     {"license", stored.licence},
                     {"system", stored.system},
                     {"template", model.text.chat_template},
                     {"details", details_json(stored.format, model)},
                     {"model_info", std::move(info)},
                     {"capabilities", capabilities_json(model)}});
}

Result<Reply> describe(const Exchange& exchange, Services& services) {
  const StoredModel stored =
      TRY(stored_model(services.store, TRY(read_show(TRY(exchange.json())))));
  return show_reply(stored, TRY(describe_untrusted(stored.path)));
}

Reply ps_reply(const SchedulerStatus& status) {
  Json list = Json::array();
  for (const ModelStatus& entry : status.models) {
    if (entry.state != ModelStatus::State::ready) continue;
    const LoadedModel& model = entry.model;
    Json expires;
    if (entry.expires) expires = timestamp(system_clock::now() + *entry.expires);
    ModelDescription description;
    description.architecture = model.info.architecture;
    description.parameters = model.info.parameters;
    list.push_back({{"name", model.name},
                    {"model", model.name},
                    {"size", entry.memory_bytes},
                    {"size_vram", 0},
                    {"digest", model.sha256},
                    {"details", details_json(model.format, description)},
                    {"context_length", model.info.context_size},
                    {"expires_at", std::move(expires)}});
  }
  return json_reply({{"models", std::move(list)}});
}

Result<void> remove_named(const Exchange& exchange, Services& services) {
  return unload_and_remove(services, TRY(read_delete(TRY(exchange.json()))));
}

Reply version_reply() { return json_reply({{"version", TENFOLD_VERSION}}); }

Reply greeting() { return {200, "text/plain; charset=utf-8", "Tenfold is running", {}}; }

}  // namespace

asio::awaitable<void> tags(Exchange& exchange, Services& services) {
  const auto models =
      co_await offload(services.blocking, [&] { return list_models(services.store); });
  if (!models.ok()) co_return co_await exchange.send(models.error());
  co_await exchange.send(tags_reply(*models));
}

asio::awaitable<void> show(Exchange& exchange, Services& services) {
  return send_made(exchange, services.jobs, [&] { return describe(exchange, services); });
}

asio::awaitable<void> ps(Exchange& exchange, Services& services) {
  co_await exchange.send(ps_reply(services.scheduler.status()));
}

asio::awaitable<void> remove(Exchange& exchange, Services& services) {
  const auto removed =
      co_await offload(services.jobs, [&] { return remove_named(exchange, services); });
  if (!removed.ok()) co_return co_await exchange.send(removed.error());
  co_await exchange.send(json_reply(Json::object()));
}

asio::awaitable<void> version(Exchange& exchange, Services& /*services*/) {
  co_await exchange.send(version_reply());
}

asio::awaitable<void> greet(Exchange& exchange, Services& /*services*/) {
  co_await exchange.send(greeting());
}

}  // namespace tenfold::server::ollama
