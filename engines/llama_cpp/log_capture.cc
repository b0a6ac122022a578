// A few lines per thread: two engines loading at once must not mix their reasons.
#include "log_capture.h"

#include <llama.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <string_view>

namespace tenfold::llama_cpp {
namespace {

constexpr std::size_t kLines = 4;
constexpr std::size_t kLineBytes = 400;

struct Log {
  std::deque<std::string> lines;
  bool open = false;  // the last line waits for GGML_LOG_LEVEL_CONT parts
};
thread_local Log thread_log;

bool debug_wanted() {
  static const bool wanted = [] {
    const char* level = std::getenv("TENFOLD_LOG");
    return level != nullptr && std::string_view(level) == "debug";
  }();
  return wanted;
}

void append(std::string_view text) {
  std::string& line = thread_log.lines.back();
  line += text.substr(0, kLineBytes - std::min(kLineBytes, line.size()));
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
}

void on_log(ggml_log_level level, const char* text, void* /*data*/) {
  if (debug_wanted()) std::fputs(text, stderr);
  if (level == GGML_LOG_LEVEL_CONT) {
    if (thread_log.open) append(text);
    return;
  }
  thread_log.open = level == GGML_LOG_LEVEL_ERROR || level == GGML_LOG_LEVEL_WARN;
  if (!thread_log.open) return;
  if (thread_log.lines.size() == kLines) thread_log.lines.pop_front();
  thread_log.lines.emplace_back();
  append(text);
}

/// Set before the model it concerns is used, and read when nothing goes on.
std::string abort_note;

void on_abort(const char* message) {
  std::fprintf(stderr, "llama.cpp: %s\n", message);
  if (!abort_note.empty()) std::fprintf(stderr, "%s\n", abort_note.c_str());
}

}  // namespace

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    llama_log_set(on_log, nullptr);
    // Its own handler starts a debugger for a backtrace, which can outlive the worker.
    ggml_set_abort_callback(on_abort);
    llama_backend_init();
  });
}

void say_on_abort(std::string line) { abort_note = std::move(line); }

void clear_log() { thread_log = {}; }

std::string last_log_lines() {
  std::string joined;
  for (const std::string& line : thread_log.lines) {
    if (line.empty()) continue;
    if (!joined.empty()) joined += "; ";
    joined += line;
  }
  return joined;
}

}  // namespace tenfold::llama_cpp
