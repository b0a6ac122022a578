// tenfold verify: the same weights in several formats and on several engines, one answer.
#include <fmt/format.h>

#include <algorithm>

#include "cli/command.h"
#include "cli/opened_model.h"
#include "cli/verify_files_command.h"
#include "cli/verify_report.h"
#include "parity/prompts.h"
#include "parity/state.h"

namespace tenfold {
namespace {

constexpr std::int64_t default_tokens = 32;
constexpr std::size_t state_tokens = 16;

Result<std::vector<VerifiedRun>> plan_runs(const CommandContext& context) {
  std::vector<VerifiedRun> runs;
  for (const std::string& word : context.words) {
    const std::string engine = context.settings.text("engine").value_or("");
    for (const ModelChoice& choice : TRY(choose_engines(word, engine))) {
      VerifiedRun run;
      run.model = word;
      run.choice = choice;
      runs.push_back(std::move(run));
    }
  }
  runs.front().is_reference = true;
  return runs;
}

class Verification {
 public:
  Verification(CommandContext& context, Interrupts& interrupts)
      : context_(context),
        interrupts_(interrupts),
        max_tokens_(static_cast<std::size_t>(
            context.settings.integer("max-tokens").value_or(default_tokens))) {}

  Result<void> check(VerifiedRun& run) {
    OpenedModel opened =
        TRY(open_model(run.choice, context_.settings, context_.console, interrupts_));
    const InterruptScope scope(interrupts_, [&] { opened.engine->cancel(); });
    const auto step = [&](const std::string& what) {
      context_.console.progress(
          fmt::format("{} on {}: {}", run.model, opened.engine->name(), what));
      return !scope.interrupted();
    };
    run.engine_version = opened.engine->capabilities().version;
    run.info = std::move(opened.info);
    if (run.is_reference) {
      TRY(record(*opened.engine, step));
      reference_parameters_ = run.info.parameters;
      reference_bytes_ = run.info.weight_bytes;
    } else {
      run.report = TRY(compare_run(*opened.engine, reference_, step));
      run.faults = find_faults(run.report, bounds(run.info));
    }
    if (!step("its cache")) return cancelled();
    for (std::string& fault :
         TRY(check_state(*opened.engine, longest_prompt(), std::min(max_tokens_, state_tokens)))) {
      run.faults.push_back(std::move(fault));
    }
    context_.console.clear_progress();
    return {};
  }

 private:
  static Error cancelled() { return fail(ErrorCode::cancelled, "the comparison was cancelled"); }

  template <typename Step>
  Result<void> record(Engine& engine, const Step& step) {
    for (const ParityPrompt& prompt : parity_prompts()) {
      if (!step(prompt.name)) return cancelled();
      Result<ParityCase> recorded = record_case(engine, prompt.name, prompt.prompt, max_tokens_);
      const bool is_chat = std::holds_alternative<ChatPrompt>(prompt.prompt);
      if (!recorded.ok() && is_chat && recorded.error().code == ErrorCode::unsupported) {
        continue;  // a base model
      }
      reference_.push_back(TRY(std::move(recorded)));
    }
    return {};
  }

  /// Quantized if either side is. The weights are the same ones, so their number is, too.
  [[nodiscard]] ParityBounds bounds(const ModelInfo& info) const {
    const std::uint64_t parameters = std::max(info.parameters, reference_parameters_);
    return bounds_for(std::min(info.weight_bytes, reference_bytes_), parameters);
  }

  [[nodiscard]] const std::vector<TokenId>& longest_prompt() const {
    return std::ranges::max_element(
               reference_, {}, [](const ParityCase& one) { return one.prepared.tokens.size(); })
        ->prepared.tokens;
  }

  CommandContext& context_;
  Interrupts& interrupts_;
  std::size_t max_tokens_;
  std::vector<ParityCase> reference_;
  std::uint64_t reference_parameters_ = 0;
  std::uint64_t reference_bytes_ = 0;
};

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
  Interrupts interrupts;
  Verification verification(context, interrupts);
  for (VerifiedRun& run : runs) {
    Result<void> checked = verification.check(run);
    if (checked.ok()) continue;
    if (run.is_reference || checked.error().code == ErrorCode::cancelled) return checked.error();
    run.error = std::move(checked).error();
  }
  const bool agrees = std::ranges::all_of(runs, &VerifiedRun::agrees);
  if (console.json()) {
    Json objects = Json::array();
    for (const VerifiedRun& run : runs) objects.push_back(to_json(run));
    console.object({{"agrees", agrees}, {"runs", std::move(objects)}});
  } else {
    console.text(verify_text(runs));
    if (runs.size() == 1 && agrees) console.note(nothing_to_compare);
  }
  return agrees ? ExitCode::ok : ExitCode::request_failed;
}

}  // namespace tenfold
