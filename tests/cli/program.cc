#include "program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/files.h"

namespace tenfold {

void ProgramTest::SetUp() {
  std::string name = ::testing::TempDir() + "tenfold-cli-XXXXXX";
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  home_ = name;
  std::ofstream(home_ / "fake.gguf", std::ios::binary)
      << std::string("GGUF\3\0\0\0", 8) + std::string(16, '\0');
}

void ProgramTest::TearDown() { std::filesystem::remove_all(home_); }

pid_t ProgramTest::start(const std::string& script) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  const std::string output = (home_ / "output").string();
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::signal(SIGINT, SIG_DFL);
  if (::chdir(home_.c_str()) != 0) ::_exit(126);
  ::setenv("TENFOLD_HOME", home_.c_str(), 1);
  ::setenv("TENFOLD_ENGINE_PATH", FAKE_ENGINES, 1);
  ::setenv("TENFOLD_MODEL", "./fake.gguf", 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::setenv("PATH", (TENFOLD_FOLDER ":" + std::string(::getenv("PATH"))).c_str(), 1);
  ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
  ::_exit(127);
}

ProgramEnd ProgramTest::finish(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status),
          read_file(home_ / "output", 1 << 20).value()};
}

ProgramEnd ProgramTest::shell(const std::string& script) { return finish(start(script)); }

void ProgramTest::wait_for_output(const std::string& text) {
  for (int i = 0; i < 1000; ++i) {
    const Result<std::string> output = read_file(home_ / "output", 1 << 20);
    if (output.ok() && output.value().find(text) != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  FAIL() << "the program never wrote " << text;
}

}  // namespace tenfold
