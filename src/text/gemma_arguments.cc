#include "text/gemma_arguments.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest = 64;

class ArgumentReader {
 public:
  ArgumentReader(std::string_view text, std::string_view quote) : text_(text), quote_(quote) {}

  GemmaArguments read() {
    const Json object = text_.starts_with('{') ? read_value(0) : fail();
    if (state_ == State::good) return {object.dump(), at_};
    return {{}, 0, state_ == State::partial};
  }

 private:
  enum class State { good, partial, malformed };

  Json fail(State state = State::malformed) {
    if (state_ == State::good) state_ = state;
    return {};
  }

  void skip_white() { at_ = std::min(text_.find_first_not_of(white_space, at_), text_.size()); }

  /// Whether `mark` comes next, which is then passed. At the end of the text it may still come.
  bool passes(std::string_view mark) {
    skip_white();
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with(mark)) {
      at_ += mark.size();
      return true;
    }
    if (mark.starts_with(rest)) fail(State::partial);
    return false;
  }

  Json read_value(int depth) {
    if (depth > deepest) return fail();
    if (passes("{")) return read_object(depth);
    if (state_ == State::good && passes("[")) return read_array(depth);
    if (state_ == State::good && passes(quote_)) return read_text();
    return state_ == State::good ? read_plain() : Json();
  }

  Json read_object(int depth) {
    Json object = Json::object();
    if (passes("}")) return object;
    while (state_ == State::good) {
      std::string key = read_key();
      if (state_ != State::good) break;
      object[std::move(key)] = read_value(depth + 1);
      if (state_ != State::good || passes("}")) break;
      if (state_ == State::good && !passes(",")) fail();
    }
    return object;
  }

  Json read_array(int depth) {
    Json array = Json::array();
    if (passes("]")) return array;
    while (state_ == State::good) {
      array.push_back(read_value(depth + 1));
      if (state_ != State::good || passes("]")) break;
      if (state_ == State::good && !passes(",")) fail();
    }
    return array;
  }

  std::string read_key() {
    if (passes(quote_)) {
      std::string key = read_text();
      if (state_ == State::good && !passes(":")) fail();
      return key;
    }
    if (state_ != State::good) return {};
    const std::size_t end = text_.find_first_of(":,{}[]", at_);
    if (end == std::string_view::npos) {
      fail(State::partial);
    } else if (text_[end] != ':' || end == at_) {
      fail();
    }
    if (state_ != State::good) return {};
    std::string key(text_.substr(at_, end - at_));
    at_ = end + 1;
    return key;
  }

  std::string read_text() {
    const std::size_t end = text_.find(quote_, at_);
    if (end == std::string_view::npos) {
      fail(State::partial);
      return {};
    }
    std::string text(text_.substr(at_, end - at_));
    at_ = end + quote_.size();
    return text;
  }

  /// A number, true, false or null; text without quotes is taken as it stands.
  Json read_plain() {
    const std::size_t end = text_.find_first_of(",{}[]", at_);
    if (end == std::string_view::npos) return fail(State::partial);
    const std::string text(text_.substr(at_, end - at_));
    at_ = end;
    if (text.empty()) return fail();
    Json value = Json::parse(text, nullptr, false);
    return value.is_discarded() ? Json(text) : value;
  }

  std::string_view text_;
  std::string_view quote_;
  std::size_t at_ = 0;
  State state_ = State::good;
};

}  // namespace

GemmaArguments read_gemma_arguments(std::string_view text, std::string_view quote) {
  return ArgumentReader(text, quote).read();
}

}  // namespace tenfold
