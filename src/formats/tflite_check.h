// What has to be right in a .tflite before LiteRT reads it: it follows offsets without looking, and
// would end the process on a file cut short.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// bad_model unless the FlatBuffer's lists, its weights (inside it, behind it, or in a section of
/// `outside` bytes beside it) and the indices between tensors, operators, buffers and signatures
/// lie within the file. unsupported if its weights lie in another file. Schema:
/// tensorflow/compiler/mlir/lite/schema/schema.fbs. `name` appears in messages.
Result<void> check_tflite(std::string_view bytes, const std::string& name,
                          std::uint64_t outside = 0);

}  // namespace tenfold
