// A worker program that speaks the protocol properly but for the frames it is asked to spoil.
//
// A call whose text (a model's path, a prompt, the first text to embed) is "spoil N", or whose
// first token of two is N, gets one mutated frame of seed N before its proper end. With
// TENFOLD_SPOIL_HELLO=N in the environment the hello is one.
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "worker/frame.h"
#include "worker/protocol.h"
#include "worker/testing/mutator.h"

namespace {

using namespace tenfold;

void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(protocol::worker_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) ::_exit(0);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void write_frame(const Json& frame) { write_all(encode_frame(frame).value()); }

std::string text_of(const Json& call) {
  const std::string type = call["type"];
  if (type == "load") return call["model"]["path"];
  if (type == "embed") return call["texts"].empty() ? "" : call["texts"][0].get<std::string>();
  if (type == "score") return "spoil " + call["tokens"][0].dump();
  const Json& prompt = type == "generate" ? call["request"] : call["prompt"];
  return prompt.value("prompt", "");
}

void answer(const Json& call) {
  const std::uint64_t id = call["id"];
  write_frame({{"type", "begun"}, {"id", id}});
  constexpr std::string_view order = "spoil ";
  const std::string text = text_of(call);
  if (text.starts_with(order)) {
    const std::uint64_t seed = std::stoull(text.substr(order.size()));
    write_all(mutated_frame(id, seed));
    if (seed % 3 == 0) ::_exit(0);
  }
  write_frame(proper_end(call["type"], id));
}

}  // namespace

int main() {
  const char* spoil_hello = std::getenv("TENFOLD_SPOIL_HELLO");
  write_all(spoil_hello != nullptr ? mutated_frame(0, std::stoull(spoil_hello))
                                   : encode_frame(proper_hello()).value());
  FrameReader frames;
  std::string buffer(65536, '\0');
  for (;;) {
    const ssize_t received = ::recv(protocol::worker_descriptor, buffer.data(), buffer.size(), 0);
    if (received <= 0) return 0;
    frames.push(std::string_view(buffer).substr(0, static_cast<std::size_t>(received)));
    for (;;) {
      const auto frame = frames.next();
      if (!frame.ok()) return 2;
      if (!frame->has_value()) break;
      const Json& message = **frame;
      if (message["type"] == "unload") return 0;
      if (message["type"] == "ping") write_frame({{"type", "pong"}, {"id", message["id"]}});
      if (message["type"] != "ping" && message["type"] != "cancel") answer(message);
    }
  }
}
