#include "log_capture.h"

#include <gtest/gtest.h>
#include <llama.h>

#include <thread>

namespace tenfold::llama_cpp {
namespace {

/// Sends a line through llama.cpp's own logger.
void log(ggml_log_level level, const char* text) {
  ggml_log_callback callback = nullptr;
  void* data = nullptr;
  llama_log_get(&callback, &data);
  callback(level, text, data);
}

TEST(LogCapture, KeepsTheLastWarningsAndErrorsOfAThread) {
  start_library();
  clear_log();
  EXPECT_EQ(last_log_lines(), "");
  log(GGML_LOG_LEVEL_INFO, "loading\n");
  log(GGML_LOG_LEVEL_CONT, " more\n");
  log(GGML_LOG_LEVEL_ERROR, "broken");
  log(GGML_LOG_LEVEL_CONT, " badly\n");
  log(GGML_LOG_LEVEL_INFO, "loading\n");
  log(GGML_LOG_LEVEL_CONT, " more\n");
  EXPECT_EQ(last_log_lines(), "broken badly");
  std::jthread([] { EXPECT_EQ(last_log_lines(), ""); }).join();
  clear_log();
  EXPECT_EQ(last_log_lines(), "");
}

}  // namespace
}  // namespace tenfold::llama_cpp
