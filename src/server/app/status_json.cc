#include "server/app/status_json.h"

#include <array>

namespace tenfold::server {
namespace {

using Counters = SchedulerCounters;

constexpr auto counters = std::to_array<Counter>({
    {"submitted", &Counters::submitted, "Answers and other work that were accepted."},
    {"refused", &Counters::refused, "Requests refused because too many waited."},
    {"answered", &Counters::answered, "Answers that ended as such, however they finished."},
    {"failed", &Counters::failed, "Answers that ended in an error."},
    {"loads", &Counters::loads, "Models loaded."},
    {"load_failures", &Counters::load_failures, "Models that failed to load."},
    {"evictions", &Counters::evictions, "Models unloaded because others needed the memory."},
    {"idle_unloads", &Counters::idle_unloads, "Models unloaded because nobody used them."},
    {"deaths", &Counters::deaths, "Calls that ended because the worker did."},
    {"failovers", &Counters::failovers, "Answers and other work begun again after a death."},
    {"prompt_tokens", &Counters::prompt_tokens, "Tokens of prompts."},
    {"cached_tokens", &Counters::cached_tokens, "Tokens of prompts that were not evaluated again."},
    {"generated_tokens", &Counters::generated_tokens, "Tokens generated."},
});

Json seconds(const std::optional<std::chrono::milliseconds>& time) {
  return time ? Json(static_cast<double>(time->count()) / 1000) : Json();
}

}  // namespace

std::span<const Counter> scheduler_counters() { return counters; }

Json to_json(const ModelStatus& status) {
  const LoadedModel& model = status.model;
  Json json{{"name", model.name},
            {"engine", model.engine},
            {"engine_version", model.engine_version},
            {"format", model.format},
            {"sha256", model.sha256.empty() ? Json() : Json(model.sha256)},
            {"sequences", model.sequences},
            {"context_size", model.info.context_size},
            {"threads", model.info.threads},
            {"state", to_string(status.state)},
            {"load_progress", status.load_progress},
            {"memory_bytes", status.memory_bytes},
            {"measured_bytes", status.measured_bytes},
            {"waiting", status.waiting},
            {"running", status.running},
            {"idle_seconds", seconds(status.idle)},
            {"expires_seconds", seconds(status.expires)},
            {"failure", nullptr}};
  if (status.failure) json["failure"] = to_json(*status.failure);
  return json;
}

Json to_json(const SchedulerStatus& status) {
  Json models = Json::array();
  for (const ModelStatus& model : status.models) models.push_back(to_json(model));
  Json counts = Json::object();
  for (const Counter& counter : counters) {
    counts[std::string(counter.name)] = status.counters.*counter.value;
  }
  return {{"models", std::move(models)},
          {"memory_limit_bytes", status.memory_limit},
          {"memory_used_bytes", status.memory_used},
          {"last_token_seconds", seconds(status.last_token)},
          {"counters", std::move(counts)}};
}

}  // namespace tenfold::server
