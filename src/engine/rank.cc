#include "engine/rank.h"

#include <algorithm>

namespace tenfold {

std::vector<const EngineEntry*> rank(std::vector<const EngineEntry*> engines,
                                     std::string_view model,
                                     std::span<const EngineMeasurement> measurements) {
  const auto speed = [&](const EngineEntry* engine) {
    double last = -1;
    for (const EngineMeasurement& measured : measurements) {
      if (model.empty() || measured.model != model || measured.engine != engine->id) continue;
      last = measured.decode_tokens_per_second;
    }
    return last;
  };
  std::ranges::stable_sort(engines, std::ranges::greater(), speed);
  return engines;
}

}  // namespace tenfold
