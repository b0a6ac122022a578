#include "server/http/error_reply.h"

#include <fmt/format.h>

namespace tenfold::server {
namespace {

std::string sentence(const Error& error) {
  return error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint);
}

/// The names that OpenAI's and Anthropic's clients turn into exceptions are by status.
std::string_view openai_type(int status) {
  if (status == 401) return "authentication_error";
  if (status == 403) return "permission_error";
  if (status == 404) return "not_found_error";
  if (status == 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

std::string_view anthropic_type(int status) {
  if (status == 413) return "request_too_large";
  if (status == 503) return "overloaded_error";
  return status < 500 ? openai_type(status) : "api_error";
}

Json body(Dialect dialect, const Error& error, int status) {
  const auto code = to_string(error.code);
  switch (dialect) {
    case Dialect::openai:
      return {{"error",
               {{"message", sentence(error)},
                {"type", openai_type(status)},
                {"param", nullptr},
                // The one code that clients look for by name.
                {"code",
                 error.code == ErrorCode::context_exceeded ? "context_length_exceeded" : code}}}};
    case Dialect::anthropic:
      return {{"type", "error"},
              {"error", {{"type", anthropic_type(status)}, {"message", sentence(error)}}}};
    case Dialect::ollama:
      return {{"error", sentence(error)}};
    case Dialect::tenfold:
      break;
  }
  return {{"error", to_json(error)}};
}

}  // namespace

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
    case ErrorCode::unsupported:
    case ErrorCode::context_exceeded:
    case ErrorCode::refused:
      return 400;
    case ErrorCode::permission_denied:
    case ErrorCode::license:
      return 403;
    case ErrorCode::not_found:
      return 404;
    case ErrorCode::bad_model:
      return 422;
    case ErrorCode::busy:
      return 429;
    case ErrorCode::cancelled:
      return 499;
    case ErrorCode::engine_died:
    case ErrorCode::protocol:
    case ErrorCode::network:
      return 502;
    case ErrorCode::unavailable:
    case ErrorCode::out_of_memory:
      return 503;
    case ErrorCode::deadline_exceeded:
      return 504;
    case ErrorCode::disk_full:
      return 507;
    case ErrorCode::not_initialized:
    case ErrorCode::io:
    case ErrorCode::internal:
      break;
  }
  return 500;
}

Json error_json(Dialect dialect, const Error& error) {
  return body(dialect, error, http_status(error.code));
}

Reply error_reply(Dialect dialect, const Error& error, std::optional<int> status) {
  const int code = status.value_or(http_status(error.code));
  Reply reply = json_reply(body(dialect, error, code), code);
  if (error.retry_after.count() > 0) {
    reply.headers.emplace_back("Retry-After", std::to_string(error.retry_after.count()));
  }
  return reply;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Reply json_reply(const Json& json, int status) {
  return {status, "application/json", dump(json), {}};
}

}  // namespace tenfold::server
