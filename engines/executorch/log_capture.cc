// A few lines per thread: two engines loading at once must not mix their reasons.
#include "log_capture.h"

#include <executorch/runtime/platform/platform.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <vector>

namespace tenfold::executorch {
namespace {

constexpr std::size_t most_lines = 2;
constexpr std::size_t most_bytes = 400;

thread_local std::vector<std::string> thread_lines;

bool debug_wanted() {
  static const bool wanted = [] {
    const char* level = std::getenv("TENFOLD_LOG");
    return level != nullptr && std::string_view(level) == "debug";
  }();
  return wanted;
}

void on_log(et_timestamp_t /*time*/, et_pal_log_level_t level, const char* file,
            const char* /*function*/, std::size_t line, const char* text, std::size_t size) {
  const std::string_view message(text, size);
  if (debug_wanted()) {
    std::fprintf(stderr, "executorch %c %s:%zu %.*s\n", level, file, line,
                 static_cast<int>(message.size()), message.data());
  }
  if (level != kError && level != kFatal) return;
  if (thread_lines.size() < most_lines) thread_lines.emplace_back(message.substr(0, most_bytes));
  // The process ends after this one: its last words are all that a caller will see.
  if (level == kFatal) {
    std::fprintf(stderr, "ExecuTorch: %.*s\n", static_cast<int>(message.size()), message.data());
  }
}

}  // namespace

void capture_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    ::executorch::runtime::register_pal(
        ::executorch::runtime::PalImpl::create(on_log, __FILE_NAME__));
  });
}

void clear_log() { thread_lines.clear(); }

std::string first_log_lines() {
  std::string joined;
  for (const std::string& line : thread_lines) {
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return joined;
}

}  // namespace tenfold::executorch
