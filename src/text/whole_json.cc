#include "text/whole_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tenfold {
namespace {

/// Reads until the text ends or is no JSON, and remembers up to where it can be closed.
class BegunJson {
 public:
  explicit BegunJson(std::string_view text) : text_(text) {}

  std::string close() {
    while (skip_space() && step()) continue;
    if (kept_ == 0) return {};
    std::string whole(text_.substr(0, kept_));
    if (in_string_) whole += '"';
    whole.append(closers_.rbegin(), closers_.rend());
    // Whatever was not looked at closely: numbers, escapes, UTF-8.
    return nlohmann::json::accept(whole) ? whole : std::string();
  }

 private:
  enum class Next { value, value_or_end, key, key_or_end, colon, comma_or_end, nothing };
  static constexpr std::size_t deepest = 64;

  bool skip_space() {
    at_ = std::min(text_.find_first_not_of(white_space, at_), text_.size());
    return at_ < text_.size();
  }

  /// One part of the grammar. false: it is not whole, or not JSON.
  bool step() {
    const char c = text_[at_];
    const bool may_end =
        next_ == Next::comma_or_end || next_ == Next::value_or_end || next_ == Next::key_or_end;
    if (may_end && !closers_.empty() && c == closers_.back()) {
      closers_.pop_back();
      return keep_value(at_ + 1);
    }
    switch (next_) {
      case Next::value:
      case Next::value_or_end:
        return value(c);
      case Next::key:
      case Next::key_or_end:
        next_ = Next::colon;
        return c == '"' ? string(true) : give_up();
      case Next::colon:
        next_ = Next::value;
        return take(c == ':');
      case Next::comma_or_end:
        next_ = closers_.back() == '}' ? Next::key : Next::value;
        return take(c == ',');
      case Next::nothing:
        break;
    }
    return give_up();
  }

  bool value(char c) {
    if (c == '"') return string(false);
    if (c == '{' || c == '[') {
      if (closers_.size() == deepest) return give_up();
      closers_ += c == '{' ? '}' : ']';
      next_ = c == '{' ? Next::key_or_end : Next::value_or_end;
      kept_ = ++at_;
      return true;
    }
    for (const std::string_view literal : {"true", "false", "null"}) {
      const std::string_view rest = text_.substr(at_, literal.size());
      if (rest == literal) return keep_value(at_ + literal.size());
      if (literal.starts_with(rest)) return false;
    }
    const std::size_t end = text_.find_first_not_of("+-.0123456789eE", at_);
    if (end == at_) return give_up();
    return end != std::string_view::npos && keep_value(end);
  }

  /// From its opening quote.
  bool string(bool is_key) {
    in_string_ = !is_key;
    ++at_;
    while (true) {
      if (!is_key) kept_ = at_;
      if (at_ == text_.size()) return false;
      if (text_[at_] == '"') break;
      const std::size_t size = character_size();
      if (text_.size() - at_ < size) return false;
      at_ += size;
    }
    in_string_ = false;
    if (!is_key) return keep_value(at_ + 1);
    ++at_;
    return true;
  }

  /// In bytes, of what stands for one character.
  [[nodiscard]] std::size_t character_size() const {
    const auto byte = static_cast<unsigned char>(text_[at_]);
    if (byte >= 0xf0) return 4;
    if (byte >= 0xe0) return 3;
    if (byte >= 0xc0) return 2;
    if (byte != '\\') return 1;
    const std::string_view escape = text_.substr(at_, 4);
    if (escape.size() < 2 || escape[1] != 'u') return 2;
    if (escape.size() < 4) return 6;
    // The first half of a pair of surrogates: d8 to db.
    const bool is_half = (escape[2] == 'd' || escape[2] == 'D') &&
                         std::string_view("89abAB").find(escape[3]) != std::string_view::npos;
    return is_half ? 12 : 6;
  }

  bool keep_value(std::size_t end) {
    kept_ = at_ = end;
    next_ = closers_.empty() ? Next::nothing : Next::comma_or_end;
    return true;
  }

  bool take(bool is_right) {
    ++at_;
    return is_right || give_up();
  }

  bool give_up() {
    kept_ = 0;
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t kept_ = 0;    ///< what comes before is part of the value; 0: nothing
  bool in_string_ = false;  ///< it ends in a text that is open
  std::string closers_;     ///< of what is open, the innermost last
  Next next_ = Next::value;
};

}  // namespace

std::string whole_json(std::string_view begun) { return BegunJson(begun).close(); }

}  // namespace tenfold
