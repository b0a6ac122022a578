// The locked child: its answers, its lock, and what becomes of its death.
#include "formats/untrusted.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#ifdef __linux__
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include "base/files.h"
#include "base/platform/platform.h"
#include "formats/describe.h"

namespace tenfold {
namespace {

using testing::HasSubstr;
using testing::KilledBySignal;

const std::string model = "tests/models/tiny-llama/tiny-llama-q4_0.gguf";

TEST(Untrusted, AnswersAsInThisProcess) {
  for (const char* path : {"tiny-llama-q4_0.gguf", "mlx-4bit", "litertlm-int8", "genai-int4",
                           "coreml-stateful-int4", "mlc-q4f32_1", "executorch-f32"}) {
    const std::filesystem::path whole = std::filesystem::path("tests/models/tiny-llama") / path;
    const auto here = describe_model(whole);
    const auto there = describe_untrusted(whole);
    ASSERT_TRUE(there.ok()) << there.error().message;
    EXPECT_EQ(there->format, here->format);
    EXPECT_EQ(there->architecture, here->architecture);
    EXPECT_EQ(there->text.chat_template, here->text.chat_template);
    EXPECT_EQ(there->files, here->files);
    EXPECT_EQ(there->parameters, here->parameters);
    EXPECT_EQ(there->bytes, here->bytes);
    EXPECT_EQ(there->shape->layers.size(), here->shape->layers.size());
  }
}

TEST(Untrusted, PassesErrorsOn) {
  const auto missing = describe_untrusted("/none.gguf");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_THAT(missing.error().message, HasSubstr("/none.gguf"));
  EXPECT_EQ(describe_untrusted("CONTRIBUTING.md").error().code, ErrorCode::bad_model);
}

TEST(Untrusted, NamesThatAreNotTextAreRefused) {
  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("tenfold-\xff-" + std::to_string(::getpid()) + ".gguf");
  std::filesystem::copy_file(model, path);
  EXPECT_THAT(describe_untrusted(path).error().message, HasSubstr("is not UTF-8"));
  std::filesystem::remove(path);
}

class Script : public testing::Test {
 protected:
  ~Script() override { std::filesystem::remove(path_); }

  /// Instead of the child's program.
  Error answer_of(const std::string& commands) {
    EXPECT_TRUE(write_file_atomically(path_, "#!/bin/sh\n" + commands + "\n").ok());
    ::chmod(path_.c_str(), 0700);
    const auto result = describe_with(path_, model);
    EXPECT_FALSE(result.ok());
    return result.ok() ? Error() : result.error();
  }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("tenfold-child-" + std::to_string(::getpid()));
};

TEST_F(Script, CrashIsABadModel) {
  const Error error = answer_of("kill -SEGV $$");
  EXPECT_EQ(error.code, ErrorCode::bad_model);
  EXPECT_THAT(error.message, HasSubstr(model));
  EXPECT_THAT(error.message, HasSubstr("signal 11"));
  EXPECT_THAT(error.hint, HasSubstr("hostile"));
}

TEST_F(Script, FailureAndNonsenseAreErrors) {
  EXPECT_THAT(answer_of("exit 7").message, HasSubstr("code 7"));
  EXPECT_EQ(answer_of("echo nonsense").code, ErrorCode::bad_model);
  EXPECT_EQ(answer_of("echo '{}'").code, ErrorCode::internal);
}

TEST_F(Script, EndlessAnswerIsCutOff) {
  EXPECT_THAT(answer_of("exec cat /dev/zero").message, HasSubstr("answered too much"));
}

TEST(Untrusted, MissingProgramIsUnavailable) {
  EXPECT_EQ(describe_with("/none", model).error().code, ErrorCode::unavailable);
}

void locked(void (*action)()) {
  if (!platform::lock_process().ok()) ::_exit(3);
  action();
  ::_exit(0);
}

TEST(Lock, KillsWhatDoesMoreThanRead) {
  EXPECT_EXIT(locked([] { ::socket(AF_INET, SOCK_STREAM, 0); }), KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(locked([] { ::open("/tmp/x", O_WRONLY | O_CREAT, 0600); }), KilledBySignal(SIGSYS),
              "");
  EXPECT_EXIT(locked([] { ::execl("/bin/true", "true", nullptr); }), KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(locked([] { ::unlink("/tmp/none"); }), KilledBySignal(SIGSYS), "");
  EXPECT_EXIT(locked([] { ::kill(::getppid(), 0); }), KilledBySignal(SIGSYS), "");
}

TEST(Lock, LetsReadFiles) {
  EXPECT_EXIT(locked([] {
                const int file = ::open(model.c_str(), O_RDONLY);
                char byte = 0;
                if (::read(file, &byte, 1) != 1 || byte != 'G') ::_exit(4);
              }),
              testing::ExitedWithCode(0), "");
}

TEST(Lock, EndsEndlessWork) {
  const auto spin = [] {
    volatile bool forever = true;
    while (forever) {
    }
  };
  EXPECT_EXIT(locked(spin), KilledBySignal(SIGKILL), "");
}

#ifdef __linux__
/// As in a container that denies seccomp: from here on nothing can lock itself.
void deny_locks() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{std::size(filter), filter};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    ::_exit(3);
  }
}

TEST(Lock, WhereItIsDeniedTheUserCanDoWithout) {
  const auto describe = [] {
    deny_locks();
    const auto refused = describe_untrusted(model);
    if (refused.ok() || refused.error().code != ErrorCode::unavailable) ::_exit(4);
    if (refused.error().hint.find("TENFOLD_UNLOCKED_HEADERS=1") == std::string::npos) ::_exit(5);
    ::setenv("TENFOLD_UNLOCKED_HEADERS", "1", 1);
    ::_exit(describe_untrusted(model).ok() ? 0 : 6);
  };
  EXPECT_EXIT(describe(), testing::ExitedWithCode(0), "");
}

TEST(Lock, ThatWorksIsTakenWhateverTheUserCanDoWithout) {
  const auto open_a_socket = [] {
    ::setenv("TENFOLD_UNLOCKED_HEADERS", "1", 1);
    locked([] { ::socket(AF_INET, SOCK_STREAM, 0); });
  };
  EXPECT_EXIT(open_a_socket(), KilledBySignal(SIGSYS), "");
}
#endif

#ifndef TENFOLD_SANITIZED
TEST(Lock, LimitsMemory) {
  const auto allocate = [] {
    try {
      std::vector<char> block(100 << 20, 'x');
      ::_exit(block[12345] == 'x' ? 4 : 5);
    } catch (const std::bad_alloc&) {
      ::_exit(6);
    }
  };
  EXPECT_EXIT(locked(allocate), testing::ExitedWithCode(6), "");
}
#endif

}  // namespace
}  // namespace tenfold
