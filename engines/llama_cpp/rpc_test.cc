// Layers on another host: the handshake's refusals, and a real worker on this machine.
#include <arpa/inet.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "base/descriptor.h"
#include "rpc_hosts.h"
#include "testing/model_fixture.h"

extern char** environ;

namespace tenfold::llama_cpp {
namespace {

using ::testing::HasSubstr;

/// A listening socket of this machine; accepts up to `backlog` clients by itself.
struct Listener {
  Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  HostPort place{"127.0.0.1", 0};

  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket.get(), 4), 0);
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    place.port = ntohs(address.sin_port);
  }
};

/// What greet_rpc_host() says of a server that sends `reply` after the hello, and hangs up.
Error greeted_with(const std::string& reply) {
  const Listener listener;
  std::jthread server([&] {
    const Descriptor client(::accept(listener.socket.get(), nullptr, nullptr));
    char hello[33];
    EXPECT_EQ(::recv(client.get(), hello, sizeof hello, MSG_WAITALL), 33);
    EXPECT_EQ(hello[0], 14);
    EXPECT_EQ(::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(reply.size()));
  });
  const auto greeted = greet_rpc_host(listener.place);
  EXPECT_FALSE(greeted.ok());
  return greeted.ok() ? Error{} : greeted.error();
}

std::string hello_reply(char major, char minor, char patch) {
  return std::string("\x1c\0\0\0\0\0\0\0", 8) + major + minor + patch + std::string(25, '\0');
}

/// `rpc-worker` of the engine's program, on a free port of this machine.
class Worker {
 public:
  Worker() {
    place_ = Listener().place;
    std::string port = std::to_string(place_.port);
    std::vector<std::string> words = {WORKER_PROGRAM, "rpc-worker", "127.0.0.1", port, "1", "0"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    EXPECT_EQ(::posix_spawn(&pid_, WORKER_PROGRAM, nullptr, nullptr, arguments.data(), environ), 0);
    for (int i = 0; i < 500 && !greet_rpc_host(place_).ok(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  Worker(const Worker&) = delete;
  ~Worker() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] const HostPort& place() const { return place_; }

 private:
  HostPort place_;
  pid_t pid_ = -1;
};

class RpcTest : public ModelFixture {};

TEST_F(RpcTest, NamesWhatIsWrongWithAHost) {
  const HostPort nobody = Listener().place;
  EXPECT_THAT(greet_rpc_host(nobody).error().message,
              HasSubstr("cannot reach the RPC host " + nobody.text() + ": Connection refused"));
  EXPECT_THAT(greet_rpc_host({"no-such-host.invalid", 1}).error().message,
              HasSubstr("no-such-host.invalid:1"));
  EXPECT_THAT(greeted_with("").message, HasSubstr("does not speak version 7.0.0"));
  EXPECT_THAT(greeted_with("HTTP/1.1 400 Bad Request\r\n\r\n").message,
              HasSubstr("does not speak version 7.0.0"));
  EXPECT_THAT(greeted_with(hello_reply(6, 1, 2)).message, HasSubstr("speaks version 6.1.2"));
  // Another patch version numbers operations differently: answers would be wrong, not refused.
  EXPECT_THAT(greeted_with(hello_reply(7, 0, 1)).message, HasSubstr("speaks version 7.0.1"));
}

TEST_F(RpcTest, DoesNotWaitForABusyHost) {
  const Listener never_accepts;
  const auto refused = greet_rpc_host(never_accepts.place);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(to_string(refused.error().code), "unavailable");
  EXPECT_THAT(refused.error().message, HasSubstr("does not answer"));
  EXPECT_THAT(refused.error().hint, HasSubstr("one client at a time"));
}

TEST_F(RpcTest, RefusesWrongOptions) {
  const std::string path = write("m.gguf", small_llama());
  const auto message = [&](const std::string& rpc) {
    const auto opened = try_open(path, {.engine_options = {{"rpc", rpc}}});
    return opened.ok() ? "" : opened.error().message;
  };
  EXPECT_EQ(message("box"), "option rpc: \"box\" is not HOST:PORT");
  std::string many = "a:1";
  for (int i = 2; i <= 17; ++i) many += ",a:" + std::to_string(i);
  EXPECT_THAT(message(many), HasSubstr("names 17 hosts; at most 16"));
  EXPECT_EQ(try_open(path, {.engine_options = {{"rpc_layers", std::int64_t{1}}}}).error().message,
            "option rpc_layers needs the option rpc");
}

TEST_F(RpcTest, LayersElsewhereGiveTheSameLogits) {
  const auto tokens = some_tokens(20);
  const auto expected = logits(*open(small_llama()), tokens);
  const Worker worker;
  for (const std::int64_t layers : {-1, 0, 1, 2}) {
    SCOPED_TRACE(layers);
    const auto model =
        open(small_llama(),
             {.engine_options = {{"rpc", worker.place().text()}, {"rpc_layers", layers}}});
    ASSERT_NE(model, nullptr);
    expect_near(logits(*model, tokens), expected, 1e-5F);
    EXPECT_EQ(model->rewind(0, 5).value(), 5);
    expect_near(logits(*model, std::span(tokens).subspan(5)), expected, 1e-5F);
  }
}

TEST_F(RpcTest, LogitsAreThoseOfWeightsThatAreNotRearranged) {
  const std::string path = "tests/models/tiny-llama/tiny-llama-q4_0.gguf";
  const auto tokens = some_tokens(20);
  const auto logits_with = [&](std::map<std::string, OptionValue> options) {
    auto model = try_open(path, {.engine_options = std::move(options)});
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? logits(**model, tokens) : std::vector<float>();
  };
  const Worker worker;
  const auto remote = logits_with({{"rpc", worker.place().text()}});
  EXPECT_EQ(remote, logits_with({{"repack", false}}));
  expect_near(remote, logits_with({}), 0.5F);
}

TEST_F(RpcTest, SeveralHostsShareTheLayers) {
  const auto tokens = some_tokens(20);
  const auto expected = logits(*open(small_llama()), tokens);
  const Worker one;
  const Worker other;
  const auto model =
      open(small_llama(),
           {.engine_options = {{"rpc", one.place().text() + "," + other.place().text()}}});
  ASSERT_NE(model, nullptr);
  expect_near(logits(*model, tokens), expected, 1e-5F);
}

}  // namespace
}  // namespace tenfold::llama_cpp
