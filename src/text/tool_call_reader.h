// Reads one call of a tool from the start of a text that may go on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/prompt.h"
#include "text/tool_form.h"

namespace tenfold {

struct ReadCalls {
  enum class Outcome { whole, partial, malformed };
  Outcome outcome = Outcome::malformed;
  std::vector<ToolCall> calls = {};  ///< whole: one, or those of an array; without ids
  std::size_t size = 0;              ///< whole: how much of the text they are
};

/// `text` begins with a mark of the form (or, in a bare form, its payload). partial: more text may
/// make it whole. `is_end`: nothing follows; then the closing mark may be missing.
ReadCalls read_tool_calls(const ToolForm& form, const std::vector<std::string>& tool_names,
                          const std::vector<Tool>& tools, std::string_view text, bool is_end);

/// How a mark compares with the start of a text, white space in both aside.
struct MarkMatch {
  enum class Kind { none, partial, whole } kind = Kind::none;
  std::size_t size = 0;  ///< whole: of the text, white space before the mark included
};
MarkMatch match_mark(std::string_view mark, std::string_view text);

}  // namespace tenfold
