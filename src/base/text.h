// Small things about text that several rooms need.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tenfold {

/// Between words and lines of a format that is text.
inline constexpr std::string_view white_space = " \t\r\n";

/// ASCII letters in lower case; other bytes as they are, whatever the locale.
std::string lower_case(std::string_view text);

/// UTF-8 in which two texts are the same that differ in the case of letters only, in any alphabet
/// (the simple mappings of Unicode: as many characters as before, "ß" is not "SS"). Bytes that are
/// no UTF-8 stay.
std::string fold_case(std::string_view text);

/// "512 B", "1.5 MiB", "94 MiB", "4.7 GiB".
std::string size_text(std::uint64_t bytes);

}  // namespace tenfold
