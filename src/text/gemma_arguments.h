// The arguments of a call as Gemma's models write them: {key:<escape>text<escape>,other:[1,true]}.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tenfold {

struct GemmaArguments {
  std::string json;         ///< the same as a JSON object
  std::size_t size = 0;     ///< of what was read; 0: it is malformed or partial
  bool is_partial = false;  ///< more text may make it whole
};

/// Of the object that `text` begins with; strings stand between two `quote`.
GemmaArguments read_gemma_arguments(std::string_view text, std::string_view quote);

}  // namespace tenfold
