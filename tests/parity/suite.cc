#include "suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "formats/runnable.h"
#include "parity/state.h"

namespace tenfold::parity {
namespace {

constexpr ParityBounds same_answers{1, 0, 0};
constexpr std::size_t long_prompt = 64;
constexpr std::size_t state_tokens = 16;

class FixtureCheck {
 public:
  FixtureCheck(Engine& engine, const Fixture& fixture, const Reference& reference)
      : engine_(engine), fixture_(fixture), reference_(reference) {}

  Result<FixtureReport> run() {
    TRY(engine_.initialize(TRY(resolve_file(fixture_.path)), fixture_.options, {}));
    TRY(check_tokenization());
    report_.known = TRY(compare_run(engine_, reference_.known, {}));
    add("", find_faults(report_.known, same_answers));
    report_.free = TRY(compare_run(engine_, reference_.free, {}));
    add("", find_faults(report_.free, fixture_.free));
    TRY(check_score());
    add("", TRY(check_state(engine_, longest_prompt(), state_tokens)));
    TRY(check_chunks());
    return report_;
  }

 private:
  void add(const std::string& where, const std::vector<std::string>& faults) {
    for (const std::string& fault : faults) report_.faults.push_back(where + fault);
  }

  Result<void> check_tokenization() {
    for (const TokenizedText& text : reference_.tokenization) {
      if (text.text.empty()) continue;  // no prompt
      const PreparedPrompt prepared = TRY(engine_.prepare(text.text));
      ++report_.texts;
      const std::string difference = first_difference(text.tokens, prepared.tokens);
      if (difference.empty()) {
        ++report_.texts_same;
      } else {
        report_.faults.push_back(fmt::format("ids of {:?} differ {}", text.text, difference));
      }
    }
    return {};
  }

  Result<void> check_score() {
    if (!engine_.capabilities().score) return {};
    double largest = 0;
    for (const ScoredTokens& text : reference_.scored) {
      const std::vector<double> scores = TRY(engine_.score(text.tokens));
      if (scores.size() != text.logprobs.size()) {
        report_.faults.push_back(
            fmt::format("{} scores for {} tokens", scores.size(), text.tokens.size()));
        return {};
      }
      for (std::size_t i = 0; i < scores.size(); ++i) {
        largest = std::max(largest, std::abs(scores[i] - text.logprobs[i]));
      }
    }
    report_.score_difference = largest;
    if (largest <= fixture_.score) return {};
    report_.faults.push_back(
        fmt::format("a score is {:.4f} from the reference, more than {}", largest, fixture_.score));
    return {};
  }

  Result<void> check_chunks() {
    if (fixture_.in_chunks.engine_options == fixture_.options.engine_options) return {};
    TRY(engine_.initialize(TRY(resolve_file(fixture_.path)), fixture_.in_chunks, {}));
    std::vector<ParityCase> long_ones;
    std::ranges::copy_if(reference_.known, std::back_inserter(long_ones),
                         [](const auto& one) { return one.prepared.tokens.size() >= long_prompt; });
    add("in chunks: ", find_faults(TRY(compare_run(engine_, long_ones, {})), same_answers));
    return {};
  }

  [[nodiscard]] const std::vector<TokenId>& longest_prompt() const {
    return std::ranges::max_element(
               reference_.known, {},
               [](const ParityCase& one) { return one.prepared.tokens.size(); })
        ->prepared.tokens;
  }

  Engine& engine_;
  const Fixture& fixture_;
  const Reference& reference_;
  FixtureReport report_;
};

}  // namespace

Result<FixtureReport> check_fixture(Engine& engine, const Fixture& fixture,
                                    const Reference& reference) {
  return FixtureCheck(engine, fixture, reference).run();
}

}  // namespace tenfold::parity
