#include "generation/stop_strings.h"

#include <utility>

namespace tenfold {

std::string StopStrings::scan(std::string_view text, bool more_may_follow) {
  if (matched_) return {};
  held_.append(text);
  for (std::size_t position = 0; position < held_.size(); ++position) {
    const std::string_view rest = std::string_view(held_).substr(position);
    for (const std::string& stop : stop_) {
      const bool is_match = rest.starts_with(stop);
      const bool may_match = more_may_follow && stop.starts_with(rest);
      if (!is_match && !may_match) continue;
      std::string free = held_.substr(0, position);
      held_.erase(0, position);
      if (is_match) {
        matched_ = stop;
        held_.clear();
      }
      return free;
    }
  }
  return std::exchange(held_, {});
}

}  // namespace tenfold
