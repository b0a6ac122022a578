// For tests: signatures as a file describes them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "formats/litert_graph.h"

namespace tenfold::litert {

inline Tensor tensor(const std::string& name, std::vector<std::int32_t> dimensions,
                     Element element = Element::float32) {
  return {name, element, std::move(dimensions)};
}

}  // namespace tenfold::litert
