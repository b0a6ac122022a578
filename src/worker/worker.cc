#include "worker/worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/platform/platform.h"
#include "engine/json.h"
#include "worker/protocol.h"
#include "worker/server.h"

namespace tenfold {
namespace {

bool is_local_socket(int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  return ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
         address.ss_family == AF_UNIX;
}

bool takes_secrets(const Capabilities& capabilities) {
  return std::ranges::any_of(capabilities.options, [](const OptionSpec& option) {
    return option.kind == OptionKind::secret;
  });
}

}  // namespace

int run_worker(std::unique_ptr<Engine> engine) {
  if (!is_local_socket(protocol::worker_descriptor)) {
    fmt::print("{}\n", to_json(engine->capabilities()).dump(2));
    return 0;
  }
  if (takes_secrets(engine->capabilities())) platform::forbid_cores();
#ifdef __linux__
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // A server that runs at real-time priority is not to wait for what computes.
  const sched_param usual{};
  ::sched_setscheduler(0, SCHED_OTHER, &usual);
#endif
  // Ctrl-C reaches the whole terminal group; what it means is the host's to decide.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  // What frameworks print must be in the host's hands before a crash.
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  ::fcntl(protocol::worker_descriptor, F_SETFD, FD_CLOEXEC);
  return WorkerServer(std::move(engine), protocol::worker_descriptor).run();
}

}  // namespace tenfold
