#include "parity/verification.h"

#include <algorithm>

#include "parity/prompts.h"
#include "parity/state.h"

namespace tenfold {
namespace {

constexpr std::size_t state_tokens = 16;

Error comparison_cancelled() { return fail(ErrorCode::cancelled, "the comparison was cancelled"); }

}  // namespace

Result<void> Verification::check(std::vector<VerifiedRun>& runs) {
  runs.front().is_reference = true;
  for (VerifiedRun& run : runs) {
    Result<void> checked = check_run(run);
    if (checked.ok()) continue;
    if (run.is_reference || checked.error().code == ErrorCode::cancelled) return checked;
    run.error = std::move(checked).error();
  }
  return {};
}

Result<void> Verification::check_run(VerifiedRun& run) {
  const auto go_on = [this] { return !stop_.stop_requested(); };
  if (!go_on()) return comparison_cancelled();
  OpenedModel opened = TRY(open_(run, go_on));
  const auto step = [&](const std::string& what) {
    on_step_(run, what);
    return go_on();
  };
  run.engine_version = opened.engine->capabilities().version;
  run.info = std::move(opened.info);
  if (run.is_reference) {
    TRY(record(*opened.engine, step));
    reference_parameters_ = run.info.parameters;
    reference_bytes_ = run.info.weight_bytes;
  } else {
    run.report = TRY(compare_run(*opened.engine, reference_, step, stop_.get_token()));
    run.faults = find_faults(run.report, bounds(run.info));
  }
  if (!step("its cache")) return comparison_cancelled();
  for (std::string& fault :
       TRY(check_state(*opened.engine, longest_prompt(), std::min(max_tokens_, state_tokens),
                       stop_.get_token()))) {
    run.faults.push_back(std::move(fault));
  }
  return {};
}

Result<void> Verification::record(Engine& engine, const OnParityStep& step) {
  for (const ParityPrompt& prompt : parity_prompts()) {
    if (!step(prompt.name)) return comparison_cancelled();
    Result<ParityCase> recorded =
        record_case(engine, prompt.name, prompt.prompt, max_tokens_, stop_.get_token());
    const bool is_chat = std::holds_alternative<ChatPrompt>(prompt.prompt);
    if (!recorded.ok() && is_chat && recorded.error().code == ErrorCode::unsupported) {
      continue;  // a base model
    }
    reference_.push_back(TRY(std::move(recorded)));
  }
  return {};
}

/// Quantized if either side is. The weights are the same ones, so their number is, too.
ParityBounds Verification::bounds(const ModelInfo& info) const {
  const std::uint64_t parameters = std::max(info.parameters, reference_parameters_);
  return bounds_for(std::min(info.weight_bytes, reference_bytes_), parameters);
}

const std::vector<TokenId>& Verification::longest_prompt() const {
  return std::ranges::max_element(reference_, {},
                                  [](const ParityCase& one) { return one.prepared.tokens.size(); })
      ->prepared.tokens;
}

}  // namespace tenfold
