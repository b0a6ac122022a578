#include "text/element_arguments.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;
using Outcome = ReadCalls::Outcome;
using Kind = MarkMatch::Kind;

constexpr std::size_t longest_key = 256;

/// A mark from its first sign to the first white space in it.
std::string_view first_word(std::string_view mark) {
  mark.remove_prefix(std::min(mark.find_first_not_of(white_space), mark.size()));
  return mark.substr(0, mark.find_first_of(white_space));
}

bool is_text(const Json& schema, const std::string& name) {
  const auto properties = schema.find("properties");
  if (properties == schema.end() || !properties->is_object()) return false;
  const auto property = properties->find(name);
  if (property == properties->end() || !property->is_object()) return false;
  const auto choices = property->find("enum");
  if (choices != property->end() && choices->is_array()) {
    return std::ranges::all_of(*choices, [](const Json& choice) { return choice.is_string(); });
  }
  const auto type = property->find("type");
  return type != property->end() && *type == "string";
}

Json value_of(std::string_view text, bool as_text) {
  if (text.starts_with('\n')) text.remove_prefix(1);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!as_text) {
    if (text == "True" || text == "False") return text == "True";
    if (text == "None") return nullptr;
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_discarded()) return json;
  }
  return std::string(text);
}

class Elements {
 public:
  Elements(const ToolForm& form, std::string_view text, const Json& schema, bool is_end)
      : form_(form), text_(text), schema_(schema), is_end_(is_end) {}

  ElementArguments read() {
    while (next()) {
    }
    return {outcome_, at_, arguments_.dump()};
  }

 private:
  /// False at the end of the arguments.
  bool next() {
    const std::string_view rest = text_.substr(at_);
    const bool is_empty = rest.find_first_not_of(white_space) == std::string_view::npos;
    if (match_mark(form_.close, rest).kind == Kind::whole) return false;
    if (is_empty && is_end_) return has_required() ? false : end(Outcome::malformed);
    const MarkMatch open = match_mark(form_.parameter_open, rest);
    if (open.kind == Kind::none) {
      const bool may_close = match_mark(form_.close, rest).kind == Kind::partial;
      return end(may_close ? Outcome::partial : Outcome::malformed);
    }
    if (open.kind == Kind::partial) return end(Outcome::partial);
    at_ += open.size;
    const auto name = up_to(form_.parameter_middle);
    if (!name) return false;
    if (name->empty() || name->size() > longest_key) return end(Outcome::malformed);
    const auto value = up_to(form_.parameter_close);
    if (!value) return false;
    const std::string key(*name);
    arguments_[key] = value_of(*value, is_text(schema_, key));
    return true;
  }

  /// Whether what the schema requires is there: a call without its mark at the end may be cut off.
  [[nodiscard]] bool has_required() const {
    const Json required = schema_.value("required", Json::array());
    return !required.is_array() || std::ranges::all_of(required, [&](const Json& name) {
      return !name.is_string() || arguments_.contains(name.get<std::string>());
    });
  }

  /// What stands before the mark, which is passed.
  std::optional<std::string_view> up_to(std::string_view mark) {
    const std::size_t found = text_.find(first_word(mark), at_);
    const MarkMatch match = found == std::string_view::npos ? MarkMatch{Kind::partial}
                                                            : match_mark(mark, text_.substr(found));
    if (match.kind != Kind::whole) {
      end(match.kind == Kind::partial ? Outcome::partial : Outcome::malformed);
      return std::nullopt;
    }
    const std::string_view before = text_.substr(at_, found - at_);
    at_ = found + match.size;
    return before;
  }

  bool end(Outcome outcome) {
    // What is cut off at the end is no call.
    outcome_ = outcome == Outcome::partial && is_end_ ? Outcome::malformed : outcome;
    return false;
  }

  const ToolForm& form_;
  std::string_view text_;
  const Json& schema_;
  bool is_end_;
  std::size_t at_ = 0;
  Outcome outcome_ = Outcome::whole;
  Json arguments_ = Json::object();
};

}  // namespace

ElementArguments read_element_arguments(const ToolForm& form, std::string_view text,
                                        const std::string& parameters, bool is_end) {
  Json schema = Json::parse(parameters.empty() ? "{}" : parameters, nullptr, false);
  if (!schema.is_object()) schema = Json::object();
  return Elements(form, text, schema, is_end).read();
}

}  // namespace tenfold
