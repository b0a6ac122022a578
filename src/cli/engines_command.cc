// tenfold engines: the ten engines, or the options of one.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/interrupts.h"
#include "service/mlc_compiler.h"
#include "service/report_json.h"

namespace tenfold {
namespace {

std::string option_line(const OptionSpec& spec) {
  const Json json = to_json(spec);
  std::string allowed = json["type"].get<std::string>();
  if (!spec.choices.empty()) allowed = fmt::format("{}", fmt::join(spec.choices, "|"));
  if (spec.minimum != spec.maximum) {
    allowed += fmt::format(" {} … {}", spec.minimum, spec.maximum);
  }
  return fmt::format("  {} ({}) [{}]\n      {}\n", spec.name, allowed,
                     spec.default_value.index() == 3 ? std::get<std::string>(spec.default_value)
                                                     : json["default"].dump(),
                     spec.help);
}

void print_row(const EngineReport& report, Console& console) {
  console.line(fmt::format("{:<19} {:<12} {}", report.entry->id, to_string(report.status),
                           report.capabilities ? report.capabilities->version : report.reason));
  if (!report.capabilities) {
    console.line(fmt::format("{:<32} to get it: {}", "", report.entry->how_to_get));
  }
}

void print_details(const EngineReport& report, Console& console) {
  print_row(report, console);
  if (!report.capabilities) return;
  const Capabilities& can = *report.capabilities;
  console.line(fmt::format("\nformats: {}", fmt::join(can.formats, ", ")));
  console.line(fmt::format("score: {} · embeddings: {} · prefix reuse: {} · sequences: {}",
                           can.score ? "yes" : "no", can.embeddings ? "yes" : "no",
                           can.prefix_reuse ? "yes" : "no", can.max_sequences));
  console.line("request options: " + fmt::format("{}", fmt::join(can.request_options, ", ")));
  console.line("\noptions for --engine-option KEY=VALUE:");
  for (const OptionSpec& spec : can.options) console.text(option_line(spec));
}

/// Building an engine is the launcher's work: it has the sources and the compiler.
Result<ExitCode> add_engine(const EngineEntry& entry, Console& console) {
  if (is_installed(entry)) {
    console.line(fmt::format("{} is here", entry.title));
    return ExitCode::ok;
  }
  return fail(ErrorCode::unavailable,
              fmt::format("{} cannot be added from here: {}", entry.title, entry.why_absent),
              std::string(entry.how_to_get));
}

Result<ExitCode> add_compiler(const EngineEntry& entry, Console& console) {
  if (entry.id != "mlc") {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} has no compiler of its own: only mlc has", entry.title));
  }
  Interrupts interrupts;
  CompilerWatch watch;
  watch.cancelled = [&] { return interrupts.take(); };
  watch.on_step = [&](const std::string& line) { console.note(line); };
  const bool fetched = TRY(add_mlc_compiler(watch));
  const std::string folder = TRY(mlc_compiler_folder()).string();
  if (console.json()) {
    console.object({{"compiler", folder}, {"fetched", fetched}});
  } else {
    console.line(fmt::format("the compiler of {} is {} {}", entry.title,
                             fetched ? "now in" : "here already:", folder));
  }
  return ExitCode::ok;
}

}  // namespace

Result<ExitCode> engines_command(CommandContext& context) {
  Console& console = context.console;
  if (context.words.size() == 2 && context.words[0] == "add") {
    const EngineEntry& entry = *TRY(engine_named(context.words[1]));
    return context.settings.flag("compiler") ? add_compiler(entry, console)
                                             : add_engine(entry, console);
  }
  if (context.settings.flag("compiler")) {
    return fail(ErrorCode::invalid_argument, "--compiler stands with `add mlc` alone",
                "write: tenfold engines add mlc --compiler");
  }
  if (context.words.size() == 2) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} is not a word that `engines` knows", context.words[0]),
                "write: tenfold engines [ID], or: tenfold engines add ID");
  }
  if (!context.words.empty()) {
    const EngineReport report = report_engine(*TRY(engine_named(context.words[0])));
    if (console.json()) {
      console.object(to_json(report));
    } else {
      print_details(report, console);
    }
    return ExitCode::ok;
  }
  Json rows = Json::array();
  for (const EngineReport& report : report_engines()) {
    if (console.json()) {
      rows.push_back(to_json(report));
    } else {
      print_row(report, console);
    }
  }
  if (console.json()) console.object({{"engines", std::move(rows)}});
  return ExitCode::ok;
}

}  // namespace tenfold
