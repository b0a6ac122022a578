#include "text/tool_call_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "text/element_arguments.h"
#include "text/gemma_arguments.h"
#include "text/json_extent.h"

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;
using Outcome = ReadCalls::Outcome;

constexpr std::size_t longest_name = 128;
constexpr std::string_view call_id_mark = "[CALL_ID]";

bool is_white(char c) { return white_space.find(c) != std::string_view::npos; }

std::size_t skip_white(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(white_space, at), text.size());
}

/// The arguments as an object; some models write them as text that holds JSON.
std::optional<std::string> arguments_text(Json value) {
  if (value.is_string()) value = Json::parse(value.get<std::string>(), nullptr, false);
  if (!value.is_object()) return std::nullopt;
  return value.dump();
}

/// {"name": …, "arguments" or "parameters": {…}}
std::optional<ToolCall> call_of(const Json& object, const std::vector<std::string>& names) {
  if (!object.is_object()) return std::nullopt;
  const auto name = object.find("name");
  if (name == object.end() || !name->is_string()) return std::nullopt;
  auto arguments = object.find("arguments");
  if (arguments == object.end()) arguments = object.find("parameters");
  auto text =
      arguments == object.end() ? std::optional<std::string>("{}") : arguments_text(*arguments);
  std::string called = name->get<std::string>();
  if (!text || std::ranges::find(names, called) == names.end()) return std::nullopt;
  return ToolCall{{}, std::move(called), std::move(*text)};
}

/// Follows the parts of one call through the text.
class Reader {
 public:
  Reader(const ToolForm& form, const std::vector<std::string>& names,
         const std::vector<Tool>& tools, std::string_view text, bool is_end)
      : form_(form), names_(names), tools_(tools), text_(text), is_end_(is_end) {}

  ReadCalls read() {
    take_optional(form_.open_section);
    if (form_.is_bare) {
      take_optional(form_.open);
    } else {
      take(form_.open);
    }
    switch (form_.payload) {
      case ToolForm::Payload::json:
        read_json();
        break;
      case ToolForm::Payload::named:
        read_name(form_.middle);
        take(form_.middle);
        read_arguments();
        break;
      case ToolForm::Payload::gemma:
        read_name("{");
        read_gemma();
        break;
      case ToolForm::Payload::parameters:
        read_name({});
        take(form_.middle);
        read_elements();
        break;
    }
    if (outcome_ == Outcome::whole && !(is_end_ && skip_white(text_, at_) == text_.size())) {
      take(form_.close);
    }
    return {outcome_, std::move(calls_), at_};
  }

 private:
  void take(std::string_view mark) {
    if (outcome_ != Outcome::whole || mark.empty()) return;
    const MarkMatch match = match_mark(mark, text_.substr(at_));
    at_ += match.size;
    if (match.kind == MarkMatch::Kind::none) outcome_ = Outcome::malformed;
    if (match.kind == MarkMatch::Kind::partial) outcome_ = Outcome::partial;
  }

  void take_optional(std::string_view mark) {
    if (mark.empty()) return;
    const MarkMatch match = match_mark(mark, text_.substr(at_));
    if (match.kind == MarkMatch::Kind::whole) at_ += match.size;
  }

  /// The end of a JSON value that begins with one of `openers`.
  std::optional<std::string_view> read_value(std::string_view openers) {
    at_ = skip_white(text_, at_);
    if (at_ == text_.size()) {
      outcome_ = Outcome::partial;
    } else if (openers.find(text_[at_]) == std::string_view::npos) {
      outcome_ = Outcome::malformed;
    }
    if (outcome_ != Outcome::whole) return std::nullopt;
    const JsonExtent extent = json_extent(text_.substr(at_));
    if (extent.size == 0) {
      outcome_ = extent.is_too_deep ? Outcome::malformed : Outcome::partial;
      return std::nullopt;
    }
    const std::string_view value = text_.substr(at_, extent.size);
    at_ += extent.size;
    return value;
  }

  void read_json() {
    if (outcome_ != Outcome::whole) return;
    const auto text = read_value(form_.is_bare ? "{" : "{[");
    if (!text) return;
    const Json value = Json::parse(*text, nullptr, false);
    const Json list = value.is_array() ? value : Json::array({value});
    for (const Json& entry : list) {
      auto call = call_of(entry, names_);
      if (!call) outcome_ = Outcome::malformed;
      if (call) calls_.push_back(std::move(*call));
    }
    if (calls_.empty()) outcome_ = Outcome::malformed;
  }

  /// Up to, not including, `until`.
  void read_name(std::string_view until) {
    if (outcome_ != Outcome::whole) return;
    at_ = skip_white(text_, at_);
    const std::string_view rest = text_.substr(at_);
    const auto end = std::ranges::find_if(rest, [](char c) {
      return is_white(c) || std::string_view("<[{>(`\"").find(c) != std::string_view::npos;
    });
    const auto size = static_cast<std::size_t>(end - rest.begin());
    const std::string name(rest.substr(0, std::min(size, longest_name + 1)));
    const bool is_known = std::ranges::find(names_, name) != names_.end();
    if (size == rest.size() && size <= longest_name) {
      outcome_ = Outcome::partial;
    } else if (!is_known) {
      outcome_ = Outcome::malformed;
    }
    at_ += size;
    calls_.push_back({{}, name, {}});
    skip_call_id(until);
  }

  /// Mistral's models may write the id between the name and the arguments.
  void skip_call_id(std::string_view until) {
    const std::string_view rest = text_.substr(at_);
    if (outcome_ != Outcome::whole || until.empty()) return;
    if (!until.starts_with(rest) && call_id_mark.starts_with(rest)) outcome_ = Outcome::partial;
    if (outcome_ != Outcome::whole || !rest.starts_with(call_id_mark)) return;
    const std::size_t end = rest.find(until);
    if (end == std::string_view::npos) outcome_ = Outcome::partial;
    if (end != std::string_view::npos) at_ += end;
  }

  void read_arguments() {
    if (outcome_ != Outcome::whole) return;
    const auto text = read_value("{");
    if (!text) return;
    auto arguments = arguments_text(Json::parse(*text, nullptr, false));
    if (!arguments) outcome_ = Outcome::malformed;
    if (arguments) calls_.back().arguments = std::move(*arguments);
  }

  void read_gemma() {
    if (outcome_ != Outcome::whole) return;
    at_ = skip_white(text_, at_);
    GemmaArguments read = read_gemma_arguments(text_.substr(at_), form_.middle);
    outcome_ = read.is_partial ? Outcome::partial
               : read.size > 0 ? Outcome::whole
                               : Outcome::malformed;
    at_ += read.size;
    calls_.back().arguments = std::move(read.json);
  }

  void read_elements() {
    if (outcome_ != Outcome::whole) return;
    const auto tool = std::ranges::find(tools_, calls_.back().name, &Tool::name);
    ElementArguments read = read_element_arguments(
        form_, text_.substr(at_), tool == tools_.end() ? std::string() : tool->parameters, is_end_);
    outcome_ = read.outcome;
    at_ += read.size;
    calls_.back().arguments = std::move(read.json);
  }

  const ToolForm& form_;
  const std::vector<std::string>& names_;
  const std::vector<Tool>& tools_;
  std::string_view text_;
  bool is_end_;
  std::size_t at_ = 0;
  Outcome outcome_ = Outcome::whole;
  std::vector<ToolCall> calls_;
};

}  // namespace

MarkMatch match_mark(std::string_view mark, std::string_view text) {
  std::size_t at = 0;
  for (const char c : mark) {
    if (is_white(c)) continue;
    at = skip_white(text, at);
    if (at == text.size()) return {MarkMatch::Kind::partial};
    if (text[at++] != c) return {};
  }
  return {MarkMatch::Kind::whole, at};
}

ReadCalls read_tool_calls(const ToolForm& form, const std::vector<std::string>& tool_names,
                          const std::vector<Tool>& tools, std::string_view text, bool is_end) {
  return Reader(form, tool_names, tools, text, is_end).read();
}

}  // namespace tenfold
