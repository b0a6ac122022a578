// Rotary positions as a config.json describes them (Su et al. 2021, "RoFormer"; the scalings are
// those of transformers' modeling_rope_utils.py).
#pragma once

#include <cstdint>
#include <vector>

#include "formats/config_fields.h"
#include "tenfold/result.h"

namespace tenfold {

/// By pairs of numbers of a head: the angle of position p is p / periods[i].
struct RotaryTable {
  std::vector<float> periods;
  float magnitude = 1;  ///< of what is turned
};

struct RotarySpec {
  int size = 0;  ///< how many numbers of a head are turned: 2 · periods.size(), the first ones
  RotaryTable table;
  /// "longrope": sequences longer than this have `beyond`, for all of their tokens; 0: none.
  std::int64_t border = 0;
  RotaryTable beyond = {};
};

/// `scaling` is a rope_scaling or rope_parameters; an empty object stands for none. `model` is the
/// configuration around it. `size` is at least 2 and even.
Result<RotarySpec> read_rotary(const ConfigFields& scaling, const ConfigFields& model, int size,
                               double base);

}  // namespace tenfold
