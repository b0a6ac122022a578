// tenfold verify: the same weights in several formats and on several engines, one answer.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/open_model.h"
#include "cli/verify_files_command.h"
#include "cli/verify_report.h"
#include "parity/verification.h"

namespace tenfold {
namespace {

Result<std::vector<VerifiedRun>> plan_runs(CommandContext& context) {
  std::vector<VerifiedRun> runs;
  for (const std::string& word : context.words) {
    const std::string engine = context.settings.text("engine").value_or("");
    for (ModelChoice& choice : TRY(choose_engines(context.store, word, engine))) {
      VerifiedRun run;
      run.model = word;
      run.resolved = std::move(choice.model);
      run.engine = choice.engine;
      runs.push_back(std::move(run));
    }
  }
  return runs;
}

Result<void> check(CommandContext& context, std::vector<VerifiedRun>& runs) {
  Console& console = context.console;
  const auto max_tokens =
      context.settings.integer("max-tokens").value_or(Verification::default_tokens);
  Interrupts interrupts;
  Verification verification(
      static_cast<int>(max_tokens),
      [&](const VerifiedRun& run, const std::function<bool()>& go_on) {
        return open_model(run.resolved, *run.engine, context.settings, console, go_on);
      },
      [&](const VerifiedRun& run, const std::string& step) {
        console.progress(fmt::format("{} on {}: {}", run.model, run.engine->id, step));
      });
  const InterruptScope scope(interrupts, [&] { verification.cancel(); });
  const Result<void> checked = verification.check(runs);
  console.clear_progress();
  return checked;
}

constexpr const char* nothing_to_compare =
    "one model on one engine: there is nothing to compare it with. Its answers were the same "
    "again,\n"
    "after other prompts and with a reused prefix.";

}  // namespace

Result<ExitCode> verify_command(CommandContext& context) {
  Console& console = context.console;
  if (context.settings.flag("files")) return verify_files_command(context);
  if (context.words.empty()) {
    return fail(ErrorCode::invalid_argument, "verify needs MODEL…", "run: tenfold help verify");
  }
  std::vector<VerifiedRun> runs = TRY(plan_runs(context));
  TRY(check(context, runs));
  const bool agrees = agree(runs);
  if (console.json()) {
    console.object(to_json(runs));
  } else {
    console.text(verify_text(runs));
    if (runs.size() == 1 && agrees) console.note(nothing_to_compare);
  }
  return agrees ? ExitCode::ok : ExitCode::request_failed;
}

}  // namespace tenfold
