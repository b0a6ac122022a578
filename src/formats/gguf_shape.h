// The dimensions of a model, from its GGUF metadata.
#pragma once

#include "formats/gguf_model.h"
#include "formats/model_shape.h"

namespace tenfold {

/// bad_model naming the key that is missing or absurd (more than 512 layers, no embedding width,
/// …). Missing optional keys get llama.cpp's defaults.
Result<ModelShape> read_shape(const GgufModel& model);

}  // namespace tenfold
