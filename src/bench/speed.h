// Speed of a loaded model, measured as llama-bench does: "ppN" evaluates a prompt of N random
// tokens, "tgN" generates N tokens; both after a warm-up, from an empty cache or, "ppN@dD", after D
// other tokens.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tenfold/engine.h"

namespace tenfold {

struct SpeedPlan {
  std::vector<int> prompt_tokens{512};
  std::vector<int> generate_tokens{128};
  int repetitions = 5;
  std::vector<int> depths{0};  ///< tokens in the cache before each of them
};

struct SpeedRow {
  std::string test;  ///< "pp512" or "tg128@d2048"
  int tokens = 0;    ///< 512 or 128
  int depth = 0;     ///< 0 or 2048
  std::vector<double> tokens_per_second = {};
  std::vector<double> ttft_seconds = {};  ///< of a prompt: from the request to the first token
};

struct SpeedReport {
  std::vector<SpeedRow> rows;
  std::uint64_t peak_memory_bytes = 0;  ///< of the process that ran the model
};

/// Called before each run with what it is, e.g. "pp512, run 2 of 5"; false ends it.
using OnSpeedStep = std::function<bool(const std::string&)>;

/// How often OnSpeedStep is called.
int speed_steps(const SpeedPlan& plan);

/// Measures. invalid_argument if a test does not fit in the model's context; cancelled if `on_step`
/// says so or the engine's cancel() was called; unsupported if a prompt at a depth finds no cached
/// prefix; otherwise the engine's own errors.
Result<SpeedReport> measure_speed(Engine& engine, const ModelInfo& model, const SpeedPlan& plan,
                                  const OnSpeedStep& on_step);

}  // namespace tenfold
