#include "rpc_worker.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ggml-backend.h>
#include <ggml-rpc.h>
#include <llama.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "base/descriptor.h"
#include "base/machine.h"
#include "log_capture.h"

namespace tenfold::llama_cpp {
namespace {

/// 0, or why nobody can listen there: ggml itself does not say.
int try_to_listen(const std::string& address, int port) {
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
  const bool listens =
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place), sizeof place) == 0 &&
      ::listen(socket.get(), 1) == 0;
  return listens ? 0 : errno;
}

}  // namespace

int run_rpc_worker(const std::vector<std::string>& arguments) {
  const std::string& address = arguments.at(0);
  const int port = std::stoi(arguments.at(1));
  const int threads = std::stoi(arguments.at(2));
  const rlim_t memory = std::stoull(arguments.at(3));
  const std::string endpoint = fmt::format("{}:{}", address, port);
  // A client that hangs up in the middle of a reply must not end the worker.
  ::signal(SIGPIPE, SIG_IGN);
  const rlimit limit{memory, memory};
  if (memory > 0 && ::setrlimit(RLIMIT_DATA, &limit) != 0) {
    fmt::print(stderr, "error: cannot limit memory: {}\n", std::strerror(errno));
    return 1;
  }
  if (const int error = try_to_listen(address, port); error != 0) {
    fmt::print(stderr, "error: cannot listen on {}: {}\n", endpoint, std::strerror(error));
    return 1;
  }
  start_library();
  llama_log_set(nullptr, nullptr);  // back to standard error
  ggml_backend_dev_t processor = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  ::setvbuf(stdout, nullptr, _IOLBF, 0);
  ggml_backend_rpc_start_server(endpoint.c_str(), nullptr,
                                static_cast<std::size_t>(threads > 0 ? threads : usable_cores()), 1,
                                &processor);
  return 1;
}

}  // namespace tenfold::llama_cpp
