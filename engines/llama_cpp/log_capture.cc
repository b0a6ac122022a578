#include "log_capture.h"

#include <llama.h>

#include <cstdio>
#include <mutex>

#include "base/log_lines.h"

namespace tenfold::llama_cpp {
namespace {

thread_local LogLines thread_log(LogLines::Keep::last, 4);

void on_log(ggml_log_level level, const char* text, void* /*data*/) {
  if (wants_debug_log()) std::fputs(text, stderr);
  if (level == GGML_LOG_LEVEL_CONT) {
    thread_log.append(text);
  } else if (level == GGML_LOG_LEVEL_ERROR || level == GGML_LOG_LEVEL_WARN) {
    thread_log.add(text);
  } else {
    thread_log.end();
  }
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

void clear_log() { thread_log.clear(); }

std::string last_log_lines() { return thread_log.joined(); }

}  // namespace tenfold::llama_cpp
