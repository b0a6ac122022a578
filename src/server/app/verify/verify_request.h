// The body of POST /api/v1/verify.
#pragma once

#include <vector>

#include "bench/run.h"

namespace tenfold::server::verify {

struct VerifyRequest {
  std::vector<BenchModel> models;  ///< without an engine: every installed one that opens the model
  int max_tokens = 0;              ///< of each answer
  int threads = 0;                 ///< 0: one per physical core
  int context_size = 0;            ///< tokens; 0: the model's own
  bool stream = true;
};

/// invalid_argument naming the field that is unknown or wrong.
Result<VerifyRequest> read_verify(const Json& json);

}  // namespace tenfold::server::verify
