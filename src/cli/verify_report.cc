#include "cli/verify_report.h"

#include <fmt/format.h>

#include "parity/table.h"

namespace tenfold {
namespace {

std::string result_of(const VerifiedRun& run) {
  if (run.error) return "failed";
  if (!run.agrees()) return "differs";
  return run.is_reference ? "reference" : "agrees";
}

std::vector<std::string> row_of(const VerifiedRun& run) {
  const std::string engine = fmt::format("{} {}", run.engine->id, run.engine_version);
  if (run.is_reference || run.error) {
    return {engine, run.model, "-", "-", "-", "-", "-", result_of(run)};
  }
  const RunReport& report = run.report;
  const std::optional<double> kl = report.mean_kl();
  return {engine,
          run.model,
          fmt::format("{} of {}", report.same_answers(), report.cases.size()),
          fmt::format("{:.1f} %", report.agreement() * 100),
          kl ? fmt::format("{:.5f}", *kl) : "unknown",
          std::to_string(report.tokens_differences()),
          std::to_string(report.text_differences()),
          result_of(run)};
}

/// The first divergence also where it is within the bounds, then all that is not.
std::string details_of(const VerifiedRun& run) {
  std::string text;
  const auto line = [&](const std::string& what) { text += fmt::format("  {}\n", what); };
  if (run.error) line(run.error->message);
  if (const CaseReport* first = run.report.first_divergence()) {
    line(fmt::format("first divergence: {}, {}", first->name, describe(*first->divergence)));
  }
  for (const std::string& fault : run.faults) line(fault);
  if (text.empty()) return text;
  return fmt::format("\n{} on {}:\n{}", run.model, run.engine->id, text);
}

}  // namespace

std::string verify_text(const std::vector<VerifiedRun>& runs) {
  std::vector<std::vector<std::string>> rows{
      {"engine", "model", "same answers", "top-1", "mean KL", "tokenizer", "template", "result"}};
  std::string details;
  for (const VerifiedRun& run : runs) {
    rows.push_back(row_of(run));
    details += details_of(run);
  }
  return text_table(rows) + details;
}

}  // namespace tenfold
