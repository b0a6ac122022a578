// Joins typed lines into one input: a block between """ and """, and lines that end with \.
#pragma once

#include <optional>
#include <string>

namespace tenfold {

/// A value type; feed it lines in order.
class InputAssembler {
 public:
  /// The whole input, once its last line has come. A line that begins with """ opens a block that
  /// goes on to a line ending with """; outside a block a final \ joins the next line.
  std::optional<std::string> push(const std::string& line);

  /// Whether more lines are needed.
  [[nodiscard]] bool pending() const { return in_block_ || continued_; }
  /// Forgets what was typed.
  void clear();
  /// What was typed so far, for the end of the input.
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string take();

  std::string text_;
  bool in_block_ = false;
  bool continued_ = false;
};

}  // namespace tenfold
