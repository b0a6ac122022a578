// Reads the fields of a JSON object with errors that name the field. For src/engine and src/worker.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
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
template <typename T>
Json value_json(const T& value) {
  return value;
}
template <typename T>
Json value_json(const std::optional<T>& value) {
  return value_json(*value);
}

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

/// Keeps the first fault; calls after it do nothing. finish() also refuses fields nobody asked for.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) fault(where_ + " must be an object");
  }

  template <typename T>
  FieldReader& required(const std::string& field, T& out) {
    if (fault_.ok() && !object_.contains(field)) fault(name(field) + " is missing");
    return optional(field, out);
  }

  template <typename T>
  FieldReader& optional(const std::string& field, T& out) {
    known_.insert(field);
    if (!fault_.ok()) return *this;
    const auto found = object_.find(field);
    if (found != object_.end()) fault_ = read_value(*found, name(field), out);
    return *this;
  }

  Result<void> finish() {
    if (!fault_.ok()) return fault_;
    for (const auto& [field, value] : object_.items()) {
      if (!known_.contains(field)) fault(name(field) + " is not a known field");
    }
    return fault_;
  }

 private:
  [[nodiscard]] std::string name(const std::string& field) const { return where_ + "." + field; }
  void fault(std::string message) {
    fault_ = fail(ErrorCode::invalid_argument, std::move(message), "check the spelling and type");
  }

  const Json& object_;
  std::string where_;
  std::set<std::string> known_;
  Result<void> fault_;
};

}  // namespace tenfold
