#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/platform/platform.h"

namespace tenfold::platform {

int close_others(posix_spawn_file_actions_t& actions, int last) {
  posix_spawn_file_actions_addclosefrom_np(&actions, last + 1);
  return 0;
}

int make_pipe(int (&ends)[2]) { return ::pipe2(ends, O_CLOEXEC); }

int make_socket_pair(int (&ends)[2]) {
  return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

int rename_to_new(const char* from, const char* to) {
  return ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
}

std::filesystem::path program_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

}  // namespace tenfold::platform
