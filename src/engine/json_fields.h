// Single values of the contract from and to JSON, with errors that name the place.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/json.h"

namespace tenfold {

/// What EngineTraits say with yes or no, by JSON name.
std::span<const std::pair<const char*, bool EngineTraits::*>> engine_flags();

/// "bool", "integer", "number" or "string".
std::string_view option_type(const OptionValue& value);

/// read_value(json, where, out): converts one value, or names `where` in an invalid_argument.
Result<void> read_value(const Json& json, const std::string& where, bool& out);
Result<void> read_value(const Json& json, const std::string& where, std::int32_t& out);
Result<void> read_value(const Json& json, const std::string& where, std::uint64_t& out);
/// Any number, or one of the strings "inf" and "-inf", which JSON numbers cannot spell.
Result<void> read_value(const Json& json, const std::string& where, double& out);
Result<void> read_value(const Json& json, const std::string& where, std::int64_t& out);
/// Any bytes.
Result<void> read_value(const Json& json, const std::string& where, std::filesystem::path& out);
/// Refuses text that is not valid UTF-8.
Result<void> read_value(const Json& json, const std::string& where, std::string& out);
Result<void> read_value(const Json& json, const std::string& where, OptionValue& out);
Result<void> read_value(const Json& json, const std::string& where, OptionSpec& out);
Result<void> read_value(const Json& json, const std::string& where, Message& out);
Result<void> read_value(const Json& json, const std::string& where, ToolCall& out);
Result<void> read_value(const Json& json, const std::string& where, Tool& out);
Result<void> read_value(const Json& json, const std::string& where, ToolChoice& out);
/// A text for parse_thinking(), true or false, or a number of tokens.
Result<void> read_value(const Json& json, const std::string& where, Thinking& out);
Result<void> read_value(const Json& json, const std::string& where, TokenLogprob& out);
Result<void> read_value(const Json& json, const std::string& where, Constraint& out);
Result<void> read_value(const Json& json, const std::string& where, Usage& out);
/// The numbers that have a default, each within its range.
Result<void> read_value(const Json& json, const std::string& where, Sampling& out);
Result<void> read_value(const Json& json, const std::string& where, ModelText& out);
Result<void> read_value(const Json& json, const std::string& where, ModelSizes& out);
Result<void> read_value(const Json& json, const std::string& where, FinishReason& out);
Result<void> read_value(const Json& json, const std::string& where, std::map<TokenId, double>& out);
Result<void> read_value(const Json& json, const std::string& where,
                        std::map<std::string, OptionValue>& out);
Result<void> read_value(const Json& json, const std::string& where, std::chrono::milliseconds& out);

/// value_json(value): what read_value() reads.
Json value_json(double value);
Json value_json(std::chrono::milliseconds value);
Json value_json(const std::map<TokenId, double>& value);
Json value_json(const Constraint& value);
Json value_json(const ToolChoice& value);
Json value_json(const Thinking& value);
template <typename T>
Json value_json(const T& value) {
  return value;
}
template <typename T>
Json value_json(const std::optional<T>& value) {
  return value_json(*value);
}

/// Words with commas between them: on or off, an effort (low, medium, high, …), a number of tokens.
/// An effort and a number mean on, 0 and the effort none mean off. invalid_argument names `where`.
Result<Thinking> parse_thinking(std::string_view text, const std::string& where);

/// "json_schema", "regex", "grammar" or, for none, "none".
std::string_view constraint_kind(Constraint::Kind kind);

template <typename T>
Result<void> read_value(const Json& json, const std::string& where, std::vector<T>& out) {
  if (!json.is_array()) return fail(ErrorCode::invalid_argument, where + " must be an array");
  out.clear();
  out.reserve(json.size());
  for (const Json& element : json) {
    T value{};
    TRY(read_value(element, where + "[" + std::to_string(out.size()) + "]", value));
    out.push_back(std::move(value));
  }
  return {};
}

template <typename T>
Result<void> read_value(const Json& json, const std::string& where, std::optional<T>& out) {
  T value{};
  TRY(read_value(json, where, value));
  out = std::move(value);
  return {};
}

}  // namespace tenfold
