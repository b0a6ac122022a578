#include "server/apis/wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "base/files.h"

namespace tenfold::server {
namespace {

/// The lowest that clients expect; -infinity is no number in JSON.
constexpr double least_logprob = -9999.0;

Json logprob_json(const TokenLogprob& entry) {
  Json bytes = Json::array();
  for (const char byte : entry.bytes) bytes.push_back(static_cast<std::uint8_t>(byte));
  return {{"token", entry.bytes},
          {"logprob", std::max(entry.logprob, least_logprob)},
          {"bytes", std::move(bytes)}};
}

/// Parts of characters are spelled "bytes:\xe2\x82", so that tokens stay distinct.
std::string token_text(const std::string& bytes) {
  if (is_valid_utf8(bytes)) return bytes;
  std::string text = "bytes:";
  for (const char byte : bytes) text += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
  return text;
}

bool begins_character(char byte) { return (static_cast<std::uint8_t>(byte) & 0xC0) != 0x80; }

}  // namespace

std::string new_id(std::string_view prefix) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return fmt::format("{}{:016x}{:08x}", prefix, random(), random() >> 32);
}

std::int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string_view finish_reason(FinishReason reason) {
  switch (reason) {
    case FinishReason::tool_call:
      return "tool_calls";
    case FinishReason::length:
    case FinishReason::deadline:
    case FinishReason::context_full:
    case FinishReason::repetition:
      return "length";
    case FinishReason::stop:
    case FinishReason::stop_string:
    case FinishReason::cancelled:
    case FinishReason::engine_died:
      break;
  }
  return "stop";
}

Json usage_json(const Usage& usage) {
  return {{"prompt_tokens", usage.prompt_tokens},
          {"completion_tokens", usage.generated_tokens},
          {"total_tokens", usage.prompt_tokens + usage.generated_tokens},
          {"prompt_tokens_details", {{"cached_tokens", usage.cached_tokens}}},
          {"completion_tokens_details", {{"reasoning_tokens", usage.thought_tokens}}},
          {"dropped_tokens", usage.dropped_tokens}};
}

void add_choice(Usage& sum, const Usage& choice) {
  sum.prompt_tokens = choice.prompt_tokens;
  sum.cached_tokens = choice.cached_tokens;
  sum.generated_tokens += choice.generated_tokens;
  sum.dropped_tokens += choice.dropped_tokens;
  sum.thought_tokens += choice.thought_tokens;
}

Json details_json(const LoadedModel& model, const Answer& answer) {
  return {{"engine", model.engine},
          {"engine_version", model.engine_version},
          {"model_sha256", model.sha256.empty() ? Json() : Json(model.sha256)},
          {"finish", to_string(answer.finish)},
          {"seed", answer.seed},
          {"ttft_seconds", answer.usage.ttft_seconds},
          {"prefill_tokens_per_second", answer.usage.prefill_tokens_per_second()},
          {"decode_tokens_per_second", answer.usage.decode_tokens_per_second()},
          {"peak_memory_bytes", answer.usage.peak_memory_bytes}};
}

Json logprobs_json(const std::vector<TokenLogprob>& logprobs) {
  Json content = Json::array();
  for (const TokenLogprob& entry : logprobs) {
    Json json = logprob_json(entry);
    json["top_logprobs"] = Json::array();
    for (const TokenLogprob& other : entry.top) json["top_logprobs"].push_back(logprob_json(other));
    content.push_back(std::move(json));
  }
  return content;
}

Json legacy_logprobs_json(const std::vector<TokenLogprob>& logprobs, std::size_t& offset) {
  Json json{{"tokens", Json::array()},
            {"token_logprobs", Json::array()},
            {"top_logprobs", Json::array()},
            {"text_offset", Json::array()}};
  for (const TokenLogprob& entry : logprobs) {
    Json top = Json::object();
    for (const TokenLogprob& other : entry.top) {
      top[token_text(other.bytes)] = std::max(other.logprob, least_logprob);
    }
    json["tokens"].push_back(token_text(entry.bytes));
    json["token_logprobs"].push_back(std::max(entry.logprob, least_logprob));
    json["top_logprobs"].push_back(std::move(top));
    json["text_offset"].push_back(offset);
    offset += static_cast<std::size_t>(std::ranges::count_if(entry.bytes, begins_character));
  }
  return json;
}

}  // namespace tenfold::server
