// How deep JSON is nested, known before it is parsed: what reads it again recurses.
#pragma once

#include <string_view>

namespace tenfold {

/// Levels of objects and arrays that tools, arguments and schemas may have.
inline constexpr int deepest_json = 64;

/// Whether objects and arrays are nested in more than `most` levels. One look at each byte; of a
/// text that is no JSON it says the same of its brackets.
bool nests_deeper(std::string_view json, int most);

}  // namespace tenfold
