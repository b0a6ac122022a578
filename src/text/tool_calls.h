// Takes calls of tools out of an answer while it streams.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenfold/prompt.h"
#include "text/tool_form.h"

namespace tenfold {

/// Feed it text in any cut; what comes out is the same. Text before, between and after calls is
/// text, without the white space around the calls. What begins like a call but is none (not JSON,
/// an unknown tool, no arguments object, cut off) stays text, marks included. A value type.
class ToolCallSplitter {
 public:
  struct Parts {
    std::string text;
    std::vector<ToolCall> tool_calls;  ///< their ids are empty
  };

  /// `tools`: whose schemas tell a string from other values, in forms that write both alike.
  ToolCallSplitter(const ToolForm& form, std::vector<std::string> tool_names,
                   std::vector<Tool> tools = {});

  Parts push(std::string_view text);
  /// The end of the answer. A last call that lacks only its closing mark counts.
  Parts finish();

  /// Whether a special token with this text is part of the form, and so has to be pushed.
  [[nodiscard]] bool is_mark(std::string_view special_token) const;

  /// What has come of a call that began with a mark, from the mark on; empty if none is open.
  [[nodiscard]] std::string_view begun_call() const;

  /// Whether the mark that ends all calls was seen: the model has ended its turn.
  [[nodiscard]] bool is_closed() const { return state_ == State::closed; }

 private:
  enum class State { start, text, call, between, closed };

  void advance(Parts& parts, bool is_end);
  bool find_call(Parts& parts, bool is_end);
  bool read_call(Parts& parts, bool is_end);
  bool leave_calls(bool is_end);

  ToolForm form_;
  std::vector<std::string> names_;
  std::vector<Tool> tools_;
  std::vector<std::string> triggers_;
  State state_ = State::start;
  std::string held_;
};

}  // namespace tenfold
