#include <fcntl.h>
#include <mach-o/dyld.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "base/platform/platform.h"

namespace tenfold::platform {
namespace {

int close_on_exec(int result, const int (&ends)[2]) {
  if (result != 0) return result;
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return 0;
}

}  // namespace

/// Only what the actions name is inherited.
int close_others(posix_spawn_file_actions_t& /*actions*/, int /*last*/) {
  return POSIX_SPAWN_CLOEXEC_DEFAULT;
}

int make_pipe(int (&ends)[2]) { return close_on_exec(::pipe(ends), ends); }

int make_socket_pair(int (&ends)[2]) {
  return close_on_exec(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), ends);
}

int rename_to_new(const char* from, const char* to) { return ::renamex_np(from, to, RENAME_EXCL); }

std::filesystem::path program_path() {
  std::uint32_t size = 0;
  ::_NSGetExecutablePath(nullptr, &size);
  std::string path(size, '\0');
  if (::_NSGetExecutablePath(path.data(), &size) != 0) return {};
  std::error_code error;
  return std::filesystem::canonical(path.c_str(), error);
}

}  // namespace tenfold::platform
