// The same prompts on several models and engines: do they say the same?
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/opened_model.h"
#include "parity/compare.h"
#include "parity/verified_run.h"

namespace tenfold {

/// Opens one model after the other and asks each for the answers to parity_prompts().
class Verification {
 public:
  static constexpr int default_tokens = 32;  ///< of each answer

  /// Opens the run's model with its engine; ends with `cancelled` when `go_on` says false.
  using Open = std::function<Result<OpenedModel>(const VerifiedRun& run,
                                                 const std::function<bool()>& go_on)>;
  /// Called before each part of a run with its name, e.g. "chat 1".
  using OnStep = std::function<void(const VerifiedRun& run, const std::string& step)>;

  Verification(int max_tokens, Open open, OnStep on_step)
      : max_tokens_(static_cast<std::size_t>(max_tokens)),
        open_(std::move(open)),
        on_step_(std::move(on_step)) {}

  /// Fills in the runs, at least one; the first is the reference. An error of another one is kept
  /// in it; those of the reference, and `cancelled`, end the comparison.
  Result<void> check(std::vector<VerifiedRun>& runs);

  /// Ends check() within a token. Thread-safe.
  void cancel() { stop_.request_stop(); }

 private:
  Result<void> check_run(VerifiedRun& run);
  Result<void> record(Engine& engine, const OnParityStep& step);
  [[nodiscard]] ParityBounds bounds(const ModelInfo& info) const;
  [[nodiscard]] const std::vector<TokenId>& longest_prompt() const;

  const std::size_t max_tokens_;
  const Open open_;
  const OnStep on_step_;
  std::stop_source stop_;
  std::vector<ParityCase> reference_;
  std::uint64_t reference_parameters_ = 0;
  std::uint64_t reference_bytes_ = 0;
};

}  // namespace tenfold
