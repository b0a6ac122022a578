// tenfold bench: speed of a model.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "bench/speed.h"
#include "bench/statistics.h"
#include "cli/command.h"
#include "cli/open_model.h"
#include "engine/json.h"

namespace tenfold {
namespace {

std::vector<int> lengths(const Settings& settings, std::string_view name) {
  std::vector<int> all;
  for (const std::int64_t length : settings.integers(name)) all.push_back(static_cast<int>(length));
  return all;
}

Json report_object(const SpeedReport& report, const OpenedModel& opened,
                   const std::string& model_name) {
  Json results = Json::array();
  for (const SpeedRow& row : report.rows) {
    results.push_back({{"test", row.test},
                       {"mean", mean(row.tokens_per_second)},
                       {"sd", standard_deviation(row.tokens_per_second)},
                       {"median", median(row.tokens_per_second)},
                       {"samples", row.tokens_per_second}});
  }
  return {{"model", model_name},
          {"path", opened.info.path},
          {"description", opened.info.description},
          {"weight_bytes", opened.info.weight_bytes},
          {"parameters", opened.info.parameters},
          {"context_size", opened.info.context_size},
          {"threads", opened.info.threads},
          {"engine", opened.engine->name()},
          {"engine_version", opened.engine->capabilities().version},
          {"load_seconds", opened.info.load_seconds},
          {"peak_memory_bytes", report.peak_memory_bytes},
          {"unit", "tokens per second"},
          {"results", std::move(results)}};
}

void print(const Json& report, Console& console) {
  const auto model = report["description"].get<std::string>();
  const std::string engine =
      report["engine"].get<std::string>() + " " + report["engine_version"].get<std::string>();
  const auto row = [&](const auto&... cells) {
    console.line(
        fmt::format("| {:<{}} | {:>9} | {:>9} | {:<{}} | {:>7} | {:>{}} | {:>18} |", cells...));
  };
  std::size_t wide_test = 8;
  for (const Json& result : report["results"]) {
    wide_test = std::max(wide_test, result["test"].get_ref<const std::string&>().size());
  }
  const std::size_t wide = std::max<std::size_t>(model.size(), 5);
  const std::size_t wide_engine = std::max<std::size_t>(engine.size(), 6);
  row("model", wide, "size", "params", "engine", wide_engine, "threads", "test", wide_test,
      "tok/s");
  console.line(fmt::format("|{:-<{}}|{:->11}|{:->11}|{:-<{}}|{:->9}|{:->{}}|{:->20}|", "", wide + 2,
                           ":", ":", "", wide_engine + 2, ":", ":", wide_test + 2, ":"));
  const auto parameters = report["parameters"].get<double>();
  const std::string size = parameters > 0 ? fmt::format("{:.2f} M", parameters / 1e6) : "?";
  for (const Json& result : report["results"]) {
    row(model, wide, size_text(report["weight_bytes"].get<std::uint64_t>()), size, engine,
        wide_engine, report["threads"].get<int>(), result["test"].get<std::string>(), wide_test,
        fmt::format("{:.2f} ± {:.2f}", result["mean"].get<double>(), result["sd"].get<double>()));
  }
}

}  // namespace

Result<ExitCode> bench_command(CommandContext& context) {
  Console& console = context.console;
  const SpeedPlan plan{lengths(context.settings, "prompt-tokens"),
                       lengths(context.settings, "generate-tokens"),
                       static_cast<int>(context.settings.integer("repetitions").value_or(5)),
                       lengths(context.settings, "depth")};
  Interrupts interrupts;
  OpenedModel opened = TRY(open_model(context.store, context.settings, console, interrupts));
  const InterruptScope scope(interrupts, [&] { opened.engine->cancel(); });
  const SpeedReport report =
      TRY(measure_speed(*opened.engine, opened.info, plan, [&](const std::string& step) {
        console.progress(step);
        return !scope.interrupted();
      }));
  console.clear_progress();
  const Json object = report_object(report, opened, context.settings.text("model").value_or(""));
  if (console.json()) {
    console.object(object);
  } else {
    print(object, console);
  }
  return ExitCode::ok;
}

}  // namespace tenfold
