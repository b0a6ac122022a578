// What the tests of the host side share.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "worker/remote_engine.h"

namespace tenfold {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// Far more than what ends by itself takes on a slow machine, far less than what is waited for in
/// vain.
constexpr std::chrono::seconds soon{20};

#ifdef TENFOLD_THREAD_SANITIZED
constexpr milliseconds slack{2000};  // the sanitizer sleeps for a second in _exit()
#else
constexpr milliseconds slack{0};
#endif

inline Request ask(const std::string& prompt) {
  Request request;
  request.prompt = prompt;
  return request;
}

class Remote : public testing::Test {
 protected:
  static RemoteOptions options() {
    RemoteOptions options;
    options.executable = TENFOLD_TEST_WORKER;
    return options;
  }

  void open(const RemoteOptions& options = Remote::options()) {
    auto opened = open_remote_engine(options);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    engine_ = std::move(opened).value();
    const auto info = engine_->initialize({.path = "model"}, {}, {});
    ASSERT_TRUE(info.ok()) << info.error().message;
  }

  /// The text of an answer; the error's message behind "error: " otherwise.
  std::string text(const std::string& prompt) {
    const auto answer = engine_->generate(ask(prompt));
    return answer.ok() ? answer->text : "error: " + answer.error().message;
  }

  pid_t worker_pid() { return std::stoi(text("pid")); }

  /// Waits until a child has ended without reaping it.
  static void wait_until_dead(pid_t pid) {
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
  }

  /// Whether this process has any children, ended or not.
  static bool has_children() {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0;
  }

  std::unique_ptr<Engine> engine_;
};

}  // namespace tenfold
