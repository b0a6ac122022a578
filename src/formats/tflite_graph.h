// What a TFLite model tells of the language model in it.
#pragma once

#include <string>
#include <string_view>

#include "formats/description.h"
#include "tenfold/result.h"

namespace tenfold {

/// Quantization, parameters, weights, and from the tensors of its signature "decode" context,
/// vocabulary and shape; the refusal where the engine would make no language model of its
/// signatures (litert_graph.h). The errors of check_tflite(), which it makes first.
Result<void> add_tflite(std::string_view bytes, const std::string& name,
                        ModelDescription& description);

}  // namespace tenfold
