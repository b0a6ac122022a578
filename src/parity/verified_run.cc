#include "parity/verified_run.h"

#include <algorithm>

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

Json run_object(const VerifiedRun& run) {
  Json cases = Json::array();
  for (const CaseReport& report : run.report.cases) cases.push_back(case_object(report));
  Json object{{"model", run.model},
              {"path", run.resolved.path.string()},
              {"description", run.info.description},
              {"engine", run.engine->id},
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

}  // namespace

bool agree(std::span<const VerifiedRun> runs) {
  return std::ranges::all_of(runs, &VerifiedRun::agrees);
}

Json to_json(std::span<const VerifiedRun> runs) {
  Json objects = Json::array();
  for (const VerifiedRun& run : runs) objects.push_back(run_object(run));
  return {{"agrees", agree(runs)}, {"runs", std::move(objects)}};
}

}  // namespace tenfold
