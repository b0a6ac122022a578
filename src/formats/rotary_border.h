// Where a graph of "longrope" changes its tables of rotary positions.
#pragma once

#include "formats/onnx.h"

namespace tenfold {

/// The model builder of onnxruntime-genai writes two tables of sines and cosines for models whose
/// rope scaling is "longrope" (Phi-3, Phi-4): the graph takes those for long sequences as soon as
/// there are more than the tokens of the original context.
struct RotaryBorder {
  std::int64_t tokens = 0;  ///< the longest sequence of the tables for short ones; 0: there is one
  /// The number of columns of attention_mask decides; otherwise the greatest of position_ids.
  bool by_mask = false;
};

/// unsupported, without the name of a file, if tables are chosen in another way.
Result<RotaryBorder> find_rotary_border(const OnnxModel& model);

}  // namespace tenfold
