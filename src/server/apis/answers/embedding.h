// Vectors of texts, for every API that has them.
#pragma once

#include <string>
#include <vector>

#include "service/scheduler.h"

namespace tenfold::server {

struct Embedded {
  std::vector<std::vector<float>> vectors;  ///< one a text
  std::size_t tokens = 0;                   ///< of all texts
};

/// What run_work() is to do; `texts` and `out` outlive it.
WorkTask embedding_task(const ModelUse& use, std::string client,
                        const std::vector<std::string>& texts, Embedded& out);

}  // namespace tenfold::server
