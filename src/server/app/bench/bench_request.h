// The body of POST /api/v1/benchmarks.
#pragma once

#include "bench/run.h"

namespace tenfold::server::bench {

/// invalid_argument naming the field that is unknown or wrong.
Result<BenchPlan> read_plan(const Json& json);

}  // namespace tenfold::server::bench
