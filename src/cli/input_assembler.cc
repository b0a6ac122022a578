#include "cli/input_assembler.h"

#include <utility>

namespace tenfold {
namespace {

constexpr const char* fence = "\"\"\"";
constexpr std::size_t fence_length = 3;

}  // namespace

void InputAssembler::clear() { *this = InputAssembler(); }

std::string InputAssembler::take() {
  std::string text = std::move(text_);
  clear();
  return text;
}

std::optional<std::string> InputAssembler::push(const std::string& line) {
  std::string rest = line;
  if (!pending() && rest.starts_with(fence)) {
    in_block_ = true;
    rest.erase(0, fence_length);
    if (rest.empty()) return std::nullopt;
  }
  if (in_block_) {
    const bool closes = rest.ends_with(fence);
    if (closes) rest.erase(rest.size() - fence_length);
    // A fence alone on its line ends the block without adding an empty line.
    if (!closes || !rest.empty()) text_ += text_.empty() ? rest : "\n" + rest;
    if (closes) return take();
    return std::nullopt;
  }
  continued_ = rest.ends_with('\\');
  if (continued_) rest.back() = '\n';
  text_ += rest;
  if (continued_) return std::nullopt;
  return take();
}

}  // namespace tenfold
