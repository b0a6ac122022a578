// Tables for people.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace tenfold {

/// A Markdown table with aligned columns; the first row is the head. All rows have as many cells.
std::string text_table(std::span<const std::vector<std::string>> rows);

}  // namespace tenfold
