// Where a JSON value ends, found without parsing it.
#pragma once

#include <cstddef>
#include <string_view>

namespace tenfold {

struct JsonExtent {
  std::size_t size = 0;      ///< of the value; 0: it has not ended yet
  bool is_too_deep = false;  ///< nested deeper than 64, which our parsers are not given
};

/// Of the object or array that `text` begins with. Only brackets and strings are looked at.
JsonExtent json_extent(std::string_view text);

}  // namespace tenfold
