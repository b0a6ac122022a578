#include "serve/browser.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/child_process.h"

namespace tenfold {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool open_browser(const std::string& address) {
  if (!is_set("DISPLAY") && !is_set("WAYLAND_DISPLAY")) return false;
  // The shell ends at once, and so leaves no child to wait for.
  const auto child = start_child(
      {.arguments = {"/bin/sh", "-c", "command -v xdg-open || exit 1; xdg-open \"$1\" &", "sh",
                     address}});
  int status = 0;
  return child.ok() && ::waitpid(*child, &status, 0) == *child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

bool tenfold_runs_at(std::uint16_t port) {
  constexpr std::string_view request =
      "GET / HTTP/1.0\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n";
  const Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience{2, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(request.size())) {
    return false;
  }
  std::string reply;
  std::array<char, 1024> part{};
  constexpr std::size_t most_bytes = 16 << 10;
  while (reply.size() < most_bytes) {
    const ssize_t size = ::recv(socket.get(), part.data(), part.size(), 0);
    if (size <= 0) break;
    reply.append(part.data(), static_cast<std::size_t>(size));
  }
  return reply.find("Tenfold is running") != std::string::npos;
}

}  // namespace tenfold
