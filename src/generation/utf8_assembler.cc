#include "generation/utf8_assembler.h"

#include <cstddef>

namespace tenfold {
namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// What a lead byte asks for: the length of its character (0: no lead byte) and the range of the
/// second byte, which excludes overlong forms, surrogates and values above U+10FFFF.
struct Lead {
  std::size_t length;
  unsigned char second_min = 0x80;
  unsigned char second_max = 0xBF;
};

Lead classify(unsigned char byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2) return {0};
  if (byte < 0xE0) return {2};
  if (byte == 0xE0) return {3, 0xA0};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3};
  if (byte == 0xF0) return {4, 0x90};
  if (byte < 0xF4) return {4};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

/// How many bytes at the start of `text` belong to the character that `lead` opens.
std::size_t fitting_bytes(std::string_view text, const Lead& lead) {
  std::size_t count = 1;
  while (count < lead.length && count < text.size()) {
    const auto byte = static_cast<unsigned char>(text[count]);
    const bool fits = count == 1 ? byte >= lead.second_min && byte <= lead.second_max
                                 : byte >= 0x80 && byte <= 0xBF;
    if (!fits) break;
    ++count;
  }
  return count;
}

}  // namespace

std::string Utf8Assembler::push(std::string_view bytes) {
  held_.append(bytes);
  std::string text;
  text.reserve(held_.size());
  std::string_view rest = held_;
  while (!rest.empty()) {
    const Lead lead = classify(static_cast<unsigned char>(rest.front()));
    const std::size_t count = fitting_bytes(rest, lead);
    const bool is_whole = count == lead.length;
    if (!is_whole && lead.length > 0 && count == rest.size()) break;
    text.append(is_whole ? rest.substr(0, count) : replacement_character);
    rest.remove_prefix(count);
  }
  held_ = std::string(rest);
  return text;
}

std::string Utf8Assembler::finish() {
  const bool is_unfinished = !held_.empty();
  held_.clear();
  return is_unfinished ? std::string(replacement_character) : std::string();
}

}  // namespace tenfold
