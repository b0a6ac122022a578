#include "bench/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/machine.h"
#include "bench/statistics.h"

namespace tenfold {
namespace {

std::string_view to_string(BenchRow::State state) {
  constexpr std::string_view names[] = {"waiting", "running", "done", "failed", "cancelled"};
  return names[static_cast<std::size_t>(state)];
}

std::string_view to_string(BenchRun::State state) {
  constexpr std::string_view names[] = {"running", "done", "failed", "cancelled"};
  return names[static_cast<std::size_t>(state)];
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

Json error_or_null(const std::optional<Error>& error) { return error ? to_json(*error) : Json(); }

Json to_json(const Metric& metric) {
  const bool several = metric.samples.size() > 1;
  return {{"name", metric.name},
          {"title", metric.title},
          {"unit", metric.unit},
          {"better", metric.higher_is_better ? "higher" : "lower"},
          {"mean", mean(metric.samples)},
          {"sd", several ? Json(standard_deviation(metric.samples)) : Json()},
          {"samples", metric.samples}};
}

Json to_json(const BenchRow& row) {
  Json metrics = Json::array();
  for (const Metric& metric : row.metrics) metrics.push_back(to_json(metric));
  return {{"model", row.asked.model},
          {"engine", row.engine},
          {"engine_version", row.engine_version},
          {"format", row.info.format},
          {"description", row.info.description},
          {"weight_bytes", row.info.weight_bytes},
          {"parameters", row.info.parameters},
          {"threads", row.info.threads},
          {"context_size", row.info.context_size},
          {"state", to_string(row.state)},
          {"error", error_or_null(row.error)},
          {"metrics", std::move(metrics)}};
}

Json to_json(const BenchPlan& plan) {
  Json models = Json::array();
  for (const BenchModel& model : plan.models) {
    models.push_back({{"model", model.model}, {"engine", model.engine}});
  }
  return {{"models", std::move(models)},
          {"prompt_tokens", plan.speed.prompt_tokens},
          {"generate_tokens", plan.speed.generate_tokens},
          {"repetitions", plan.speed.repetitions},
          {"depths", plan.speed.depths},
          {"threads", plan.threads},
          {"context_size", plan.context_size}};
}

std::string processor_name() {
  constexpr std::string_view key = "model name";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with(key) && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

/// RFC 4180. Spreadsheets would take texts that begin like this for formulas.
std::string csv_cell(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>()
                     : value.is_null() ? ""
                                       : value.dump();
  if (value.is_string() && !text.empty() &&
      std::string_view("=+-@").find(text[0]) != std::string_view::npos) {
    text.insert(0, 1, '\'');
  }
  std::string quoted = "\"";
  for (const char letter : text)
    quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

}  // namespace

std::vector<Metric> metrics_of(const SpeedReport& report, const ModelInfo& info) {
  std::vector<Metric> metrics;
  for (const SpeedRow& row : report.rows) {
    const std::string tokens = fmt::format("{} tokens", row.tokens) +
                               (row.depth == 0 ? "" : fmt::format(" after {} others", row.depth));
    const bool is_prompt = !row.ttft_seconds.empty();
    const std::string_view what = is_prompt ? "prompt" : "answer";
    metrics.push_back(
        {row.test, fmt::format("{} of {}", what, tokens), "tok/s", true, row.tokens_per_second});
    if (!is_prompt) continue;
    metrics.push_back({"ttft" + row.test.substr(2),
                       fmt::format("first token of a prompt of {}", tokens), "s", false,
                       row.ttft_seconds});
  }
  metrics.push_back({"load", "loading", "s", false, {info.load_seconds}});
  metrics.push_back({"peak_memory",
                     "peak memory",
                     "bytes",
                     false,
                     {static_cast<double>(report.peak_memory_bytes)}});
  return metrics;
}

int longest_run(const SpeedPlan& plan) {
  int longest = 0;
  for (const int tokens : plan.prompt_tokens) longest = std::max(longest, tokens + 1);
  for (const int tokens : plan.generate_tokens) longest = std::max(longest, tokens + 2);
  return longest + (plan.depths.empty() ? 0 : std::ranges::max(plan.depths));
}

Json to_json(const BenchRun& run) {
  Json rows = Json::array();
  for (const BenchRow& row : run.rows) rows.push_back(to_json(row));
  const int models = static_cast<int>(run.plan.models.size());
  return {{"id", std::to_string(run.id)},
          {"name", run.plan.name},
          {"state", to_string(run.state)},
          {"created", run.created},
          {"ended", or_null(run.ended)},
          {"machine",
           {{"cores", usable_cores()},
            {"memory_total_bytes", total_memory()},
            {"cpu", processor_name()},
            {"version", TENFOLD_VERSION}}},
          {"plan", to_json(run.plan)},
          {"step", run.step},
          {"done", run.done},
          {"total", models * speed_steps(run.plan.speed)},
          {"rows", std::move(rows)},
          {"error", error_or_null(run.error)}};
}

std::string to_csv(const Json& run) {
  std::string text =
      "model,engine,engine_version,threads,context_size,metric,unit,mean,sd,samples\r\n";
  for (const Json& row : run["rows"]) {
    for (const Json& metric : row["metrics"]) {
      for (const char* field : {"model", "engine", "engine_version", "threads", "context_size"}) {
        text += csv_cell(row[field]) + ",";
      }
      for (const char* field : {"name", "unit", "mean", "sd"})
        text += csv_cell(metric[field]) + ",";
      std::string samples;
      for (const Json& sample : metric["samples"])
        samples += (samples.empty() ? "" : " ") + sample.dump();
      text += csv_cell(samples) + "\r\n";
    }
  }
  return text;
}

}  // namespace tenfold
