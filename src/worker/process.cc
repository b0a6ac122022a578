#include "worker/process.h"

#include <fcntl.h>

#include "base/child_process.h"
#include "worker/protocol.h"

namespace tenfold {

// glibc's malloc() is asked for large pages. A model's weights are read from end to end for every
// token; in pages of 4 KiB that takes some 5 to 10 % longer (docs/performance.md). glibc reads the
// variable when the program starts and has no call for it.
Result<WorkerProcess> start_worker_process(const std::string& executable) {
  Ends socket = TRY(make_socket_pair());
  Ends output = TRY(make_pipe());
  // Set on the host's ends only: the worker's writes block, which holds it back when we are slow.
  ::fcntl(socket.first.get(), F_SETFL, O_NONBLOCK);
  ::fcntl(output.first.get(), F_SETFL, O_NONBLOCK);
  static_assert(protocol::worker_descriptor == ChildStart::channel_descriptor);
  auto child = start_child({.arguments = {executable},
                            .output = output.second.get(),
                            .error = output.second.get(),
                            .channel = socket.second.get(),
                            .environment = {std::string(worker_variable) + "=" + worker_value}});
  if (!child.ok() && child.error().code == ErrorCode::unavailable) {
    child.error().hint = "install the engine again";
  }
  WorkerProcess process;
  process.pid = TRY(std::move(child));
  process.socket = socket.first.release();
  process.output = output.first.release();
  return process;
}

}  // namespace tenfold
