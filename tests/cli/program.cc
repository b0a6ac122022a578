#include "program.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "base/files.h"
#include "formats/gguf_builder.h"

namespace tenfold {

void ProgramTest::SetUp() {
  std::string name = ::testing::TempDir() + "tenfold-cli-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  home_ = name;
  std::ofstream(home_ / "fake.gguf", std::ios::binary) << small_gguf();
}

void ProgramTest::TearDown() { std::filesystem::remove_all(home_); }

namespace {

/// In steps of 10 ms: builds with sanitizers are slow on a busy machine.
constexpr int longest_wait = 12'000;

/// In the child: never returns.
[[noreturn]] void run_script(const std::filesystem::path& home, const std::string& script) {
  ::signal(SIGINT, SIG_DFL);
  const std::string models = (std::filesystem::current_path() / "tests/models").string();
  if (::chdir(home.c_str()) != 0) ::_exit(126);
  ::setenv("TENFOLD_HOME", home.c_str(), 1);
  ::setenv("TENFOLD_ENGINE_PATH", ENGINES_FOLDER, 1);
  ::setenv("TENFOLD_MODEL", "./fake.gguf", 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::setenv("MODELS", models.c_str(), 1);
  ::setenv("TERM", "xterm", 1);
  ::setenv("PATH", (TENFOLD_FOLDER ":" + std::string(::getenv("PATH"))).c_str(), 1);
  ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

pid_t ProgramTest::start(const std::string& script) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int out = ::open((home_ / "output").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  run_script(home_, script);
}

pid_t ProgramTest::start_on_terminal(const std::string& script) {
  std::filesystem::remove(home_ / "output");
  const pid_t child = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
  if (child == 0) run_script(home_, script);
  screen_ = std::thread([this] {
    std::ofstream output(home_ / "output", std::ios::binary);
    char bytes[4096];
    // The read fails once the program has closed the terminal.
    for (ssize_t count = 0; (count = ::read(terminal_, bytes, sizeof bytes)) > 0;) {
      output.write(bytes, count).flush();
    }
  });
  return child;
}

void ProgramTest::type(const std::string& keys) const {
  ASSERT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

ProgramEnd ProgramTest::finish(pid_t child) {
  int status = 0;
  for (int i = 0; ::waitpid(child, &status, WNOHANG) == 0; ++i) {
    if (i == longest_wait) ::kill(child, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (screen_.joinable()) screen_.join();
  if (terminal_ >= 0) ::close(std::exchange(terminal_, -1));
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
          read_file(home_ / "output", 1 << 20).value()};
}

ProgramEnd ProgramTest::shell(const std::string& script) { return finish(start(script)); }

namespace {

bool in_time(const std::function<bool()>& happens) {
  for (int i = 0; i < longest_wait && !happens(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return happens();
}

int occurrences(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++count;
  return count;
}

}  // namespace

void ProgramTest::wait_for_output(const std::string& text, int times) {
  ASSERT_TRUE(in_time([&] {
    const Result<std::string> output = read_file(home_ / "output", 1 << 20);
    return output.ok() && occurrences(*output, text) >= times;
  })) << "the program never wrote "
      << text;
}

void ProgramTest::wait_for_slow_answer() {
  ASSERT_TRUE(in_time([&] { return std::filesystem::exists(home_ / "answering"); }));
}

}  // namespace tenfold
