// The single values of json_fields.h.
#include <array>
#include <charconv>
#include <limits>

#include "base/files.h"
#include "engine/json_fields.h"

namespace tenfold {
namespace {

Error wrong_type(const std::string& where, std::string_view expected) {
  return fail(ErrorCode::invalid_argument, where + " must be " + std::string(expected));
}

}  // namespace

std::span<const std::pair<const char*, bool EngineTraits::*>> engine_flags() {
  using Traits = EngineTraits;
  static constexpr std::pair<const char*, bool Traits::*> flags[] = {
      {"chat_prompts", &Traits::chat_prompts},
      {"system_role", &Traits::system_role},
      {"text_prompts", &Traits::text_prompts},
      {"token_prompts", &Traits::token_prompts},
      {"token_ids", &Traits::token_ids},
      {"prepare", &Traits::prepare},
      {"score", &Traits::score},
      {"embeddings", &Traits::embeddings},
      {"resumes", &Traits::resumes},
      {"prefix_reuse", &Traits::prefix_reuse},
      {"fixed_context", &Traits::fixed_context},
      {"needs_network", &Traits::needs_network},
      {"needs_executable_memory", &Traits::needs_executable_memory},
  };
  return flags;
}

Result<void> read_value(const Json& json, const std::string& where, bool& out) {
  if (!json.is_boolean()) return wrong_type(where, "true or false");
  out = json.get<bool>();
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, std::int32_t& out) {
  constexpr std::int64_t low = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t high = std::numeric_limits<std::int32_t>::max();
  if (!json.is_number_integer()) return wrong_type(where, "an integer");
  const bool too_large = json.is_number_unsigned()
                             ? json.get<std::uint64_t>() > static_cast<std::uint64_t>(high)
                             : json.get<std::int64_t>() > high;
  if (too_large || json.get<std::int64_t>() < low) {
    return wrong_type(where, "an integer of at most 32 bits");
  }
  out = json.get<std::int32_t>();
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, std::uint64_t& out) {
  const bool negative =
      !json.is_number_unsigned() && json.is_number_integer() && json.get<std::int64_t>() < 0;
  if (!json.is_number_integer() || negative) return wrong_type(where, "an integer of at least 0");
  out = json.get<std::uint64_t>();
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, std::int64_t& out) {
  const bool too_large = json.is_number_unsigned() &&
                         json.get<std::uint64_t>() >
                             static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!json.is_number_integer() || too_large) return wrong_type(where, "an integer");
  out = json.get<std::int64_t>();
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, std::filesystem::path& out) {
  if (!json.is_string()) return wrong_type(where, "a path");
  out = json.get<std::string>();
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, double& out) {
  if (json.is_string() && (json == "inf" || json == "-inf")) {
    out = json == "inf" ? std::numeric_limits<double>::infinity()
                        : -std::numeric_limits<double>::infinity();
    return {};
  }
  if (!json.is_number()) return wrong_type(where, "a number");
  out = json.get<double>();
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, std::string& out) {
  if (!json.is_string()) return wrong_type(where, "a string");
  out = json.get<std::string>();
  if (!is_valid_utf8(out)) return fail(ErrorCode::invalid_argument, where + " is not valid UTF-8");
  return {};
}

Result<void> read_value(const Json& json, const std::string& where,
                        std::chrono::milliseconds& out) {
  std::uint64_t count = 0;
  TRY(read_value(json, where, count));
  if (count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return wrong_type(where, "an integer of at most 63 bits");
  }
  out = std::chrono::milliseconds(static_cast<std::int64_t>(count));
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, OptionValue& out) {
  if (json.is_boolean()) {
    out = json.get<bool>();
  } else if (json.is_number_unsigned() &&
             json.get<std::uint64_t>() >
                 static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return wrong_type(where, "an integer of at most 63 bits");
  } else if (json.is_number_integer()) {
    out = json.get<std::int64_t>();
  } else if (json.is_number_float()) {
    out = json.get<double>();
  } else if (json.is_string()) {
    std::string text;
    TRY(read_value(json, where, text));
    out = std::move(text);
  } else {
    return wrong_type(where, "a bool, a number or a string");
  }
  return {};
}

Result<void> read_value(const Json& json, const std::string& where,
                        std::map<TokenId, double>& out) {
  if (!json.is_object()) return wrong_type(where, "an object of token id to number");
  for (const auto& [key, value] : json.items()) {
    TokenId token = 0;
    const char* end = key.data() + key.size();
    const auto parsed = std::from_chars(key.data(), end, token);
    if (parsed.ec != std::errc() || parsed.ptr != end) {
      return fail(ErrorCode::invalid_argument,
                  where + " has the key " +
                      Json(key).dump(-1, ' ', true, Json::error_handler_t::replace) +
                      ", which is not a token id");
    }
    TRY(read_value(value, where + "." + key, out[token]));
  }
  return {};
}

Result<void> read_value(const Json& json, const std::string& where,
                        std::map<std::string, OptionValue>& out) {
  if (!json.is_object()) return wrong_type(where, "an object of option name to value");
  for (const auto& [key, value] : json.items()) {
    TRY(read_value(value, where + "." + key, out[key]));
  }
  return {};
}

Result<void> read_value(const Json& json, const std::string& where, FinishReason& out) {
  constexpr std::array reasons{
      FinishReason::stop,         FinishReason::length,      FinishReason::stop_string,
      FinishReason::cancelled,    FinishReason::deadline,    FinishReason::tool_call,
      FinishReason::context_full, FinishReason::engine_died, FinishReason::repetition};
  std::string name;
  TRY(read_value(json, where, name));
  for (const FinishReason reason : reasons) {
    if (to_string(reason) == name) {
      out = reason;
      return {};
    }
  }
  return wrong_type(where, "a finish reason");
}

}  // namespace tenfold
