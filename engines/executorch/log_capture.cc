#include "log_capture.h"

#include <executorch/runtime/platform/platform.h>

#include <cstdio>
#include <mutex>
#include <string_view>

#include "base/log_lines.h"

namespace tenfold::executorch {
namespace {

thread_local LogLines thread_log(LogLines::Keep::first, 2);

void on_log(et_timestamp_t /*time*/, et_pal_log_level_t level, const char* file,
            const char* /*function*/, std::size_t line, const char* text, std::size_t size) {
  const std::string_view message(text, size);
  if (wants_debug_log()) {
    std::fprintf(stderr, "executorch %c %s:%zu %.*s\n", level, file, line,
                 static_cast<int>(message.size()), message.data());
  }
  if (level != kError && level != kFatal) return;
  thread_log.add(message);
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

void clear_log() { thread_log.clear(); }

std::string first_log_lines() { return thread_log.joined(); }

}  // namespace tenfold::executorch
