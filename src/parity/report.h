// A whole run against a reference: all cases together, and whether it is near enough.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "parity/compare.h"

namespace tenfold {

struct RunReport {
  std::vector<CaseReport> cases;

  [[nodiscard]] std::size_t same_answers() const;
  [[nodiscard]] std::size_t text_differences() const;
  [[nodiscard]] std::size_t tokens_differences() const;
  /// The first case whose answer, text or ids differ; nullptr if there is none.
  [[nodiscard]] const CaseReport* first_divergence() const;
  [[nodiscard]] const CaseReport* first_text_difference() const;
  [[nodiscard]] const CaseReport* first_tokens_difference() const;
  /// Share of positions with the same most likely token; 1 for none.
  [[nodiscard]] double agreement() const;
  /// In nats per position; absent if no position has both distributions.
  [[nodiscard]] std::optional<double> mean_kl() const;
};

/// Called before each case with its name. Returning false cancels.
using OnParityStep = std::function<bool(const std::string&)>;

/// The engine's own errors end the run, and `stop` does.
Result<RunReport> compare_run(Engine& engine, std::span<const ParityCase> reference,
                              const OnParityStep& on_step, const std::stop_token& stop = {});

/// How far a run may be from its reference.
struct ParityBounds {
  double least_agreement = 1;         ///< see RunReport::agreement()
  double largest_kl = 0;              ///< see RunReport::mean_kl()
  std::optional<double> largest_gap;  ///< gap + reference_gap of each divergence; absent: any
};

/// Weights of 16 bits or more. Two such runs part only where two tokens are nearly as likely.
inline constexpr ParityBounds full_precision_bounds{0.97, 0.01, 0.5};
/// Fewer bits. Far from what another model or a broken tensor gives.
inline constexpr ParityBounds quantized_bounds{0.75, 0.3, std::nullopt};

/// The bounds for runs with these weights; those of full precision if the parameters are unknown
/// (0).
ParityBounds bounds_for(std::uint64_t weight_bytes, std::uint64_t parameters);

/// What of the run is beyond the bounds, one sentence each. Any difference of rendered prompts or
/// prompt ids is.
std::vector<std::string> find_faults(const RunReport& report, const ParityBounds& bounds);

}  // namespace tenfold
