// What somebody who mistyped a name most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tenfold {

/// How many characters must be put in, left out, replaced or swapped with their neighbour to make
/// one text of the other (optimal string alignment, after Damerau and Levenshtein), whatever the
/// case of ASCII letters. Both are cut after 64 bytes.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// The known name nearest to `text`, the first of several; empty if none is near: more than a third
/// of it would be another, or all of a short one.
std::string_view nearest(std::string_view text, std::span<const std::string_view> known);

/// "did you mean NAME?", or `otherwise` if no known name is near.
std::string did_you_mean(std::string_view text, std::span<const std::string_view> known,
                         std::string otherwise);

}  // namespace tenfold
