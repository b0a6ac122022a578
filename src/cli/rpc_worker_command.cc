// tenfold rpc-worker: becomes the program of the llama.cpp engine, which can serve ggml's RPC.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/host_port.h"
#include "base/paths.h"
#include "cli/command.h"
#include "service/service.h"
#include "worker/process.h"

namespace tenfold {
namespace {

constexpr const char* default_place = "127.0.0.1:50052";

Result<HostPort> place_from(const CommandContext& context) {
  HostPort place =
      TRY(read_host_port("rpc-worker", context.words.empty() ? default_place : context.words[0]));
  in_addr address{};
  if (::inet_pton(AF_INET, place.host.c_str(), &address) != 1) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("rpc-worker listens on an IPv4 address, which \"{}\" is not", place.host),
        "write for example 127.0.0.1:50052");
  }
  const bool loopback = (ntohl(address.s_addr) >> 24) == 127;
  if (!loopback && !context.settings.flag("allow-unauthenticated")) {
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} can be reached from other machines, and llama.cpp's RPC asks nobody for a "
                    "key: whoever connects can use this processor and perhaps take over the worker",
                    place.text()),
        "listen on 127.0.0.1 and let clients come through ssh -L; or give --allow-unauthenticated");
  }
  if (!loopback) {
    context.console.note(
        fmt::format("warning: whoever reaches {} can use this machine; keep all but your own out "
                    "of that network",
                    place.text()));
  }
  return place;
}

}  // namespace

Result<ExitCode> rpc_worker_command(CommandContext& context) {
  const HostPort place = TRY(place_from(context));
  const EngineEntry& engine = *TRY(engine_named("llama_cpp"));
  std::string program = worker_program(engine.id).string();
  if (program.empty()) {
    return fail(ErrorCode::unavailable,
                fmt::format("{} is not available: {}", engine.title, engine.why_absent),
                std::string(engine.how_to_get));
  }
  std::string mode = "rpc-worker";
  std::string address = place.host;
  std::string port = std::to_string(place.port);
  std::string threads = std::to_string(context.settings.integer("threads").value_or(0));
  std::string memory = std::to_string(context.settings.whole("memory-limit").value_or(0));
  char* arguments[] = {program.data(), mode.data(),   address.data(), port.data(),
                       threads.data(), memory.data(), nullptr};
  ::setenv(worker_variable, worker_value, 0);
  ::execv(program.c_str(), arguments);
  return fail(ErrorCode::unavailable,
              fmt::format("cannot run {}: {}", program, std::strerror(errno)),
              "install the engine again");
}

}  // namespace tenfold
