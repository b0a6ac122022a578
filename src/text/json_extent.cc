#include "text/json_extent.h"

namespace tenfold {

JsonExtent json_extent(std::string_view text) {
  constexpr int deepest = 64;
  int depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) return {0, true};
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return {at + 1};
    }
  }
  return {};
}

}  // namespace tenfold
