// The handshake is that of ggml-rpc.cpp: a command byte, the size of what follows as 64 bits, the
// client's capabilities (none); the reply has its size, three bytes of version, and capabilities.
#include "rpc_hosts.h"

#include <fmt/format.h>
#include <ggml-rpc.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <span>

#include "base/descriptor.h"

namespace tenfold::llama_cpp {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto patience = 5s;
constexpr std::uint64_t capability_bytes = 24;
constexpr unsigned char hello_command = 14;
constexpr std::array<int, 3> own_version = {RPC_PROTO_MAJOR_VERSION, RPC_PROTO_MINOR_VERSION,
                                            RPC_PROTO_PATCH_VERSION};
constexpr const char* same_version = "run the same version of Tenfold on all machines";

Error unreachable(const HostPort& host, const std::string& why) {
  return fail(ErrorCode::unavailable,
              fmt::format("cannot reach the RPC host {}: {}", host.text(), why),
              "start `tenfold rpc-worker` there, or correct --rpc");
}

Error silent(const HostPort& host) {
  return fail(
      ErrorCode::unavailable,
      fmt::format("the RPC host {} accepts but does not answer", host.text()),
      "it serves one client at a time: wait for the other one to unload its model, or start "
      "one worker for each");
}

Error stranger(const HostPort& host) {
  return fail(ErrorCode::unavailable,
              fmt::format("{} does not speak version {} of llama.cpp's RPC", host.text(),
                          fmt::join(own_version, ".")),
              same_version);
}

/// Whether the socket is ready for `events` in time.
bool wait(const Descriptor& socket, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) return false;
    pollfd state{socket.get(), events, 0};
    const int ready = ::poll(&state, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

/// Only IPv4, as that is all ggml connects to.
Result<Descriptor> connect_to(const HostPort& host, Clock::time_point until) {
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error =
          ::getaddrinfo(host.host.c_str(), std::to_string(host.port).c_str(), &hints, &found);
      error != 0) {
    return unreachable(host, ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(found, &::freeaddrinfo);
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return unreachable(host, std::strerror(errno));
  if (::connect(socket.get(), address->ai_addr, address->ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return unreachable(host, std::strerror(errno));
    if (!wait(socket, POLLOUT, until)) return unreachable(host, "no answer in 5 seconds");
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return unreachable(host, std::strerror(error));
  }
  return socket;
}

Result<void> receive(const Descriptor& socket, std::span<unsigned char> out, const HostPort& host,
                     Clock::time_point until) {
  while (!out.empty()) {
    if (!wait(socket, POLLIN, until)) return silent(host);
    const ssize_t count = ::recv(socket.get(), out.data(), out.size(), 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    // What is not this protocol's server, or one of an older version, hangs up.
    if (count <= 0) return stranger(host);
    out = out.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

Result<std::vector<HostPort>> read_rpc_hosts(std::string_view text) {
  if (text.empty()) return std::vector<HostPort>();
  auto hosts = TRY(read_host_ports("option rpc", text));
  if (hosts.size() > GGML_RPC_MAX_SERVERS) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("option rpc names {} hosts; at most {} can share a model", hosts.size(),
                            GGML_RPC_MAX_SERVERS));
  }
  return hosts;
}

Result<void> greet_rpc_host(const HostPort& host) {
  const auto until = Clock::now() + patience;
  const Descriptor socket = TRY(connect_to(host, until));
  std::array<unsigned char, 1 + sizeof(std::uint64_t) + capability_bytes> hello{hello_command};
  std::memcpy(&hello[1], &capability_bytes, sizeof capability_bytes);
  if (::send(socket.get(), hello.data(), hello.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(hello.size())) {
    return stranger(host);
  }
  std::uint64_t size = 0;
  TRY(receive(socket, {reinterpret_cast<unsigned char*>(&size), sizeof size}, host, until));
  std::array<unsigned char, 4 + capability_bytes> reply{};
  if (size != reply.size()) return stranger(host);
  TRY(receive(socket, reply, host, until));
  if (!std::equal(own_version.begin(), own_version.end(), reply.begin())) {
    return fail(
        ErrorCode::unavailable,
        fmt::format("the RPC host {} speaks version {}.{}.{} of llama.cpp's RPC, this engine "
                    "version {}",
                    host.text(), reply[0], reply[1], reply[2], fmt::join(own_version, ".")),
        same_version);
  }
  return {};
}

Result<std::vector<ggml_backend_dev_t>> connect_rpc_hosts(const std::vector<HostPort>& hosts) {
  std::vector<ggml_backend_dev_t> devices;
  for (const HostPort& host : hosts) {
    TRY(greet_rpc_host(host));
    const ggml_backend_reg_t found = ggml_backend_rpc_add_server(host.text().c_str());
    const std::size_t count = found == nullptr ? 0 : ggml_backend_reg_dev_count(found);
    if (count == 0) return unreachable(host, "it has no devices");
    for (std::size_t i = 0; i < count; ++i) devices.push_back(ggml_backend_reg_dev_get(found, i));
  }
  devices.push_back(nullptr);
  return devices;
}

}  // namespace tenfold::llama_cpp
