#include "parity/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace tenfold {

std::string text_table(std::span<const std::vector<std::string>> rows) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += fmt::format("{} {:<{}} ", i == 0 ? "|" : "", row[i], widths[i]) + "|";
    }
    text += "\n";
    if (&row != rows.data()) continue;
    for (const std::size_t width : widths) text += fmt::format("|{:-<{}}", "", width + 2);
    text += "|\n";
  }
  return text;
}

}  // namespace tenfold
