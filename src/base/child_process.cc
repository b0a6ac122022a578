#include "base/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/platform/platform.h"

extern char** environ;

namespace tenfold {
namespace {

std::string describe(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

Error no_descriptors() {
  return fail(ErrorCode::io, "cannot open a channel to a child process: " + describe(errno),
              "close other programs or raise the limit on open files");
}

/// A copy above the descriptors that the child gives a meaning to, so that none overwrites another.
Descriptor above_standard(int descriptor) {
  return Descriptor(::fcntl(descriptor, F_DUPFD_CLOEXEC, ChildStart::channel_descriptor + 1));
}

/// What posix_spawn() does in the child, and how.
class Plan {
 public:
  Plan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~Plan() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  void empty(int target, int flags) {
    posix_spawn_file_actions_addopen(&actions_, target, "/dev/null", flags, 0);
  }
  void give(int descriptor, int target) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor, target);
  }

  /// Whatever other threads have open may lack close-on-exec; a leaked socket would hide the end of
  /// the process that it belongs to.
  int run(const ChildStart& start, int last_descriptor, pid_t& child) {
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
    if (start.own_group) flags |= POSIX_SPAWN_SETPGROUP;
    flags |= platform::close_others(actions_, last_descriptor);
    posix_spawnattr_setflags(&attributes_, static_cast<short>(flags));
    std::vector<std::string> words = start.arguments;
    std::vector<char*> arguments = pointers(words);
    std::vector<std::string> more = start.environment;
    std::erase_if(more, [](const std::string& entry) {
      return ::getenv(entry.substr(0, entry.find('=')).c_str()) != nullptr;
    });
    std::vector<char*> variables = pointers(more);
    std::size_t count = 0;
    while (environ[count] != nullptr) ++count;
    variables.insert(variables.begin(), environ, environ + count);
    return ::posix_spawnp(&child, words[0].c_str(), &actions_, &attributes_, arguments.data(),
                          variables.data());
  }

 private:
  /// Ended by a null pointer.
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<Ends> make_pipe() {
  int ends[2];
  if (platform::make_pipe(ends) != 0) return no_descriptors();
  return Ends{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<Ends> make_socket_pair() {
  int ends[2];
  if (platform::make_socket_pair(ends) != 0) return no_descriptors();
  return Ends{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<pid_t> start_child(const ChildStart& start) {
  struct Given {
    int descriptor;
    int target;
    Descriptor copy;
  };
  Given given[] = {{start.output, STDOUT_FILENO, Descriptor()},
                   {start.error, STDERR_FILENO, Descriptor()},
                   {start.channel, ChildStart::channel_descriptor, Descriptor()}};
  Plan plan;
  plan.empty(STDIN_FILENO, O_RDONLY);
  for (Given& one : given) {
    if (one.descriptor < 0) {
      if (one.target <= STDERR_FILENO) plan.empty(one.target, O_WRONLY);
      continue;
    }
    one.copy = above_standard(one.descriptor);
    if (one.copy.get() < 0) return no_descriptors();
    plan.give(one.copy.get(), one.target);
  }
  pid_t child = -1;
  const int last = start.channel < 0 ? STDERR_FILENO : ChildStart::channel_descriptor;
  if (const int error = plan.run(start, last, child); error != 0) {
    return fail(ErrorCode::unavailable,
                "cannot run the program " + start.arguments[0] + ": " + describe(error),
                "install it again");
  }
  return child;
}

}  // namespace tenfold
