// Words, numbers and signs of the text form of an ML program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

class MilTokens {
 public:
  enum class Kind { word, number, text, sign, end };

  /// Both outlive it.
  MilTokens(std::string_view source, const std::string& name) : source_(source), name_(name) {}

  /// The one at hand. Call next() once before.
  [[nodiscard]] Kind kind() const { return kind_; }
  /// As it stands in the source; of a text what is between the quotes.
  [[nodiscard]] std::string_view token() const { return token_; }
  [[nodiscard]] bool is(std::string_view token) const {
    return token_ == token && (kind_ == Kind::sign || kind_ == Kind::word);
  }
  /// A text without its escapes.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] Result<double> real() const;
  [[nodiscard]] Result<std::int64_t> whole() const;

  Result<void> next();
  /// Goes on if `token` is at hand.
  Result<bool> accept(std::string_view token);
  /// bad_model if another is at hand.
  Result<void> expect(std::string_view token);
  Result<std::string> word();
  /// From an opening bracket at hand to behind the one that closes it.
  Result<void> skip_brackets();

  [[nodiscard]] Error bad(std::string_view what) const;

 private:
  Result<void> read_text();

  std::string_view source_;
  const std::string& name_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  Kind kind_ = Kind::end;
  std::string_view token_;
};

}  // namespace tenfold
