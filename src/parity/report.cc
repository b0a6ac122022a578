#include "parity/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold {
namespace {

bool answers_differ(const CaseReport& report) { return report.divergence.has_value(); }
bool texts_differ(const CaseReport& report) { return !report.text_difference.empty(); }
bool tokens_differ(const CaseReport& report) { return !report.tokens_difference.empty(); }

template <typename Differ>
std::size_t count(const std::vector<CaseReport>& cases, Differ differ) {
  return static_cast<std::size_t>(std::ranges::count_if(cases, differ));
}

template <typename Differ>
const CaseReport* first(const std::vector<CaseReport>& cases, Differ differ) {
  const auto found = std::ranges::find_if(cases, differ);
  return found == cases.end() ? nullptr : &*found;
}

bool within(const Divergence& divergence, double largest_gap) {
  return divergence.gap && divergence.reference_gap &&
         *divergence.gap + *divergence.reference_gap <= largest_gap;
}

}  // namespace

std::size_t RunReport::same_answers() const { return cases.size() - count(cases, answers_differ); }
std::size_t RunReport::text_differences() const { return count(cases, texts_differ); }
std::size_t RunReport::tokens_differences() const { return count(cases, tokens_differ); }
const CaseReport* RunReport::first_divergence() const { return first(cases, answers_differ); }
const CaseReport* RunReport::first_text_difference() const { return first(cases, texts_differ); }
const CaseReport* RunReport::first_tokens_difference() const { return first(cases, tokens_differ); }

double RunReport::agreement() const {
  std::size_t positions = 0;
  std::size_t agreed = 0;
  for (const CaseReport& report : cases) {
    positions += report.positions;
    agreed += report.agreed;
  }
  return positions == 0 ? 1 : static_cast<double>(agreed) / static_cast<double>(positions);
}

std::optional<double> RunReport::mean_kl() const {
  std::size_t positions = 0;
  double sum = 0;
  for (const CaseReport& report : cases) {
    positions += report.kl_positions;
    sum += report.kl;
  }
  if (positions == 0) return std::nullopt;
  return sum / static_cast<double>(positions);
}

Result<RunReport> compare_run(Engine& engine, std::span<const ParityCase> reference,
                              const OnParityStep& on_step, const std::stop_token& stop) {
  RunReport report;
  for (const ParityCase& one : reference) {
    if (on_step && !on_step(one.name)) {
      return fail(ErrorCode::cancelled, "the comparison was cancelled");
    }
    report.cases.push_back(TRY(compare_case(engine, one, stop)));
  }
  return report;
}

ParityBounds bounds_for(std::uint64_t weight_bytes, std::uint64_t parameters) {
  // Below 15 bits a weight; what files hold besides the weights can only raise the figure.
  return static_cast<double>(weight_bytes) < 15.0 / 8 * static_cast<double>(parameters)
             ? quantized_bounds
             : full_precision_bounds;
}

std::vector<std::string> find_faults(const RunReport& report, const ParityBounds& bounds) {
  std::vector<std::string> faults;
  if (const CaseReport* one = report.first_text_difference()) {
    faults.push_back(fmt::format("{} of {} rendered prompts differ, first {} {}",
                                 report.text_differences(), report.cases.size(), one->name,
                                 one->text_difference));
  }
  if (const CaseReport* one = report.first_tokens_difference()) {
    faults.push_back(fmt::format("{} of {} prompts are tokenized differently, first {} {}",
                                 report.tokens_differences(), report.cases.size(), one->name,
                                 one->tokens_difference));
  }
  if (report.agreement() < bounds.least_agreement) {
    faults.push_back(fmt::format("top-1 agreement is {:.1f} %, below {:.1f} %",
                                 report.agreement() * 100, bounds.least_agreement * 100));
  }
  if (const auto kl = report.mean_kl(); kl && *kl > bounds.largest_kl) {
    faults.push_back(fmt::format("mean KL divergence is {:.4f}, above {}", *kl, bounds.largest_kl));
  }
  if (!bounds.largest_gap) return faults;
  for (const CaseReport& one : report.cases) {
    if (!one.divergence || within(*one.divergence, *bounds.largest_gap)) continue;
    faults.push_back(one.name + ": " + describe(*one.divergence));
  }
  return faults;
}

}  // namespace tenfold
