#include <array>
#include <utility>

#include "tenfold/error.h"

namespace tenfold {
namespace {

constexpr std::array<std::pair<ErrorCode, std::string_view>, 20> names{{
    {ErrorCode::invalid_argument, "invalid_argument"},
    {ErrorCode::not_found, "not_found"},
    {ErrorCode::bad_model, "bad_model"},
    {ErrorCode::unsupported, "unsupported"},
    {ErrorCode::unavailable, "unavailable"},
    {ErrorCode::not_initialized, "not_initialized"},
    {ErrorCode::context_exceeded, "context_exceeded"},
    {ErrorCode::out_of_memory, "out_of_memory"},
    {ErrorCode::disk_full, "disk_full"},
    {ErrorCode::permission_denied, "permission_denied"},
    {ErrorCode::cancelled, "cancelled"},
    {ErrorCode::deadline_exceeded, "deadline_exceeded"},
    {ErrorCode::busy, "busy"},
    {ErrorCode::network, "network"},
    {ErrorCode::license, "license"},
    {ErrorCode::refused, "refused"},
    {ErrorCode::engine_died, "engine_died"},
    {ErrorCode::protocol, "protocol"},
    {ErrorCode::io, "io"},
    {ErrorCode::internal, "internal"},
}};

}  // namespace

std::string_view to_string(ErrorCode code) {
  for (const auto& [known, name] : names) {
    if (known == code) return name;
  }
  return "internal";
}

ErrorCode error_code_from(std::string_view name) {
  for (const auto& [code, known] : names) {
    if (known == name) return code;
  }
  return ErrorCode::internal;
}

}  // namespace tenfold
