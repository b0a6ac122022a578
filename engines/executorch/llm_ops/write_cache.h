// What update_cache and sdpa_with_kv_cache share.
#pragma once

#include <cstdint>

#include "llm_ops/arguments.h"

namespace tenfold::executorch {

/// Writes `value` into `cache` from position `start` on; bad_model if it is of another form or does
/// not fit.
Result<void> write_cache(const Block& value, const Block& cache, std::int64_t start);

}  // namespace tenfold::executorch
