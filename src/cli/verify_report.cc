#include "cli/verify_report.h"

#include <fmt/format.h>

#include "parity/table.h"

namespace tenfold {
namespace {

Json token_object(const std::optional<TokenLogprob>& token) {
  if (!token) return nullptr;
  return {{"id", token->token}, {"text", token->bytes}};
}

Json optional_number(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json divergence_object(const std::optional<Divergence>& divergence) {
  if (!divergence) return nullptr;
  return {{"position", divergence->position},
          {"expected", token_object(divergence->expected)},
          {"got", token_object(divergence->got)},
          {"gap", optional_number(divergence->gap)},
          {"reference_gap", optional_number(divergence->reference_gap)}};
}

Json case_object(const CaseReport& report) {
  return {{"prompt", report.name},
          {"divergence", divergence_object(report.divergence)},
          {"template_difference", report.text_difference},
          {"tokenizer_difference", report.tokens_difference}};
}

std::string result_of(const VerifiedRun& run) {
  if (run.error) return "failed";
  if (!run.agrees()) return "differs";
  return run.is_reference ? "reference" : "agrees";
}

std::vector<std::string> row_of(const VerifiedRun& run) {
  const std::string engine = fmt::format("{} {}", run.choice.engine->id, run.engine_version);
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
  return fmt::format("\n{} on {}:\n{}", run.model, run.choice.engine->id, text);
}

}  // namespace

Json to_json(const VerifiedRun& run) {
  Json cases = Json::array();
  for (const CaseReport& report : run.report.cases) cases.push_back(case_object(report));
  Json object{{"model", run.model},
              {"path", run.choice.path},
              {"description", run.info.description},
              {"engine", run.choice.engine->id},
              {"engine_version", run.engine_version},
              {"reference", run.is_reference},
              {"agrees", run.agrees()},
              {"error", run.error ? to_json(*run.error) : Json(nullptr)},
              {"faults", run.faults}};
  if (run.is_reference || run.error) return object;
  object["same_answers"] = run.report.same_answers();
  object["top1_agreement"] = run.report.agreement();
  object["mean_kl"] = optional_number(run.report.mean_kl());
  object["tokenizer_differences"] = run.report.tokens_differences();
  object["template_differences"] = run.report.text_differences();
  object["prompts"] = std::move(cases);
  return object;
}

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
