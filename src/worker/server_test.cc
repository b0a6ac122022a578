// The worker side alone, spoken to in raw frames.
#include "worker/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "worker/frame.h"
#include "worker/protocol.h"
#include "worker/testing/fake_engine.h"

namespace tenfold {
namespace {

Json model_json(const char* path) { return to_json(ResolvedModel{.path = path}); }

class Server : public testing::Test {
 protected:
  Server() {
    int pair[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    host_ = pair[0];
    thread_ = std::thread(
        [this, end = pair[1]] { exit_code_ = WorkerServer(make_fake_engine(), end).run(); });
    hello_ = receive();
  }
  ~Server() override {
    if (thread_.joinable()) end();
  }

  /// Closes the host's end. The worker's exit code.
  int end() {
    ::close(host_);
    thread_.join();
    return exit_code_;
  }

  void send_bytes(const std::string& bytes) {
    EXPECT_EQ(::send(host_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void send(const Json& message) { send_bytes(encode_frame(message).value()); }

  void load() {
    send(
        {{"type", "load"}, {"id", 1}, {"model", model_json("model")}, {"options", Json::object()}});
    EXPECT_EQ(receive()["type"], "begun");
    EXPECT_EQ(receive()["type"], "done");
  }
  void generate(int id, const std::string& prompt) {
    send({{"type", "generate"}, {"id", id}, {"request", {{"prompt", prompt}}}});
  }

  /// The next frame; null at the end.
  Json receive() {
    for (;;) {
      auto frame = reader_.next();
      if (!frame.ok()) {
        ADD_FAILURE() << frame.error().message;
        return {};
      }
      if (frame->has_value()) return **frame;
      char buffer[4096];
      const ssize_t count = ::recv(host_, buffer, sizeof buffer, 0);
      if (count <= 0) return {};
      reader_.push(std::string_view(buffer, static_cast<std::size_t>(count)));
    }
  }
  Json receive_end() {
    for (;;) {
      Json frame = receive();
      if (frame.is_null() || frame["type"] == "done" || frame["type"] == "error") return frame;
    }
  }

  Json hello_;

 private:
  int host_ = -1;
  int exit_code_ = -1;
  FrameReader reader_;
  std::thread thread_;
};

TEST_F(Server, SaysHello) {
  EXPECT_EQ(hello_["type"], "hello");
  EXPECT_EQ(hello_["protocol"], protocol::version);
  EXPECT_EQ(hello_["version"], TENFOLD_VERSION);
  EXPECT_EQ(hello_["pid"], ::getpid());
  EXPECT_EQ(hello_["capabilities"]["engine"], "fake");
  EXPECT_EQ(end(), 0);
}

TEST_F(Server, AnswersInOrder) {
  load();
  generate(2, "words 2");
  EXPECT_EQ(receive(), Json({{"type", "begun"}, {"id", 2}}));
  EXPECT_EQ(receive()["delta"]["text"], "w0 ");
  EXPECT_EQ(receive()["delta"]["text"], "w1 ");
  const Json done = receive();
  EXPECT_EQ(done["type"], "done");
  EXPECT_EQ(done["id"], 2);
  EXPECT_EQ(done["value"]["text"], "w0 w1 ");
  EXPECT_GT(done["value"]["usage"]["peak_memory_bytes"], 0);
}

/// 2,048 of 8,192 numbers are more than the 64 MiB of a frame.
TEST_F(Server, NoMoreEmbeddingsGoIntoOneFrameThanFit) {
  load();
  const std::string half = "wide " + std::to_string(protocol::part_bytes / sizeof(float) / 2);
  send({{"type", "embed"}, {"id", 2}, {"texts", {half, half, half}}});
  std::vector<std::pair<std::string, std::size_t>> ends;
  while (ends.empty() || ends.back().first != "done") {
    const Json frame = receive();
    if (frame["type"] == "begun" || frame["type"] == "progress") continue;
    ASSERT_TRUE(frame.contains("value")) << frame["type"];
    ends.emplace_back(frame["type"], frame["value"].size());
  }
  EXPECT_EQ(ends, (std::vector<std::pair<std::string, std::size_t>>{{"part", 2}, {"done", 1}}));
}

TEST_F(Server, AnswersSeveralCallsAtOnce) {
  load();
  generate(2, "words 100000 1");
  generate(3, "words 100000 1");
  send({{"type", "prepare"}, {"id", 4}, {"prompt", {{"prompt", "Hi"}}}});
  std::map<int, int> deltas;
  bool prepared = false;
  while (deltas[2] < 3 || deltas[3] < 3 || !prepared) {
    const Json frame = receive();
    if (frame["type"] == "delta") ++deltas[frame["id"].get<int>()];
    prepared = prepared || (frame["type"] == "done" && frame["id"] == 4);
  }
  for (const int id : {3, 2}) {
    send({{"type", "cancel"}, {"id", id}});
    const Json end = receive_end();
    EXPECT_EQ(end["id"], id);
    EXPECT_EQ(end["value"]["finish"], "cancelled");
  }
}

TEST_F(Server, ALoadWaitsForAnswersAndAnswersForALoad) {
  load();
  generate(2, "words 20 1");
  send({{"type", "load"}, {"id", 3}, {"model", model_json("slow")}, {"options", Json::object()}});
  generate(4, "path");
  EXPECT_EQ(receive_end()["id"], 2);
  EXPECT_EQ(receive_end()["id"], 3);
  EXPECT_EQ(receive_end()["value"]["text"], "slow");
}

TEST_F(Server, CancelReachesACallThatHasNotBegun) {
  send({{"type", "load"}, {"id", 1}, {"model", model_json("slow")}, {"options", Json::object()}});
  generate(2, "words 5");
  send({{"type", "cancel"}, {"id", 2}});
  send({{"type", "cancel"}, {"id", 99}});
  EXPECT_EQ(receive_end()["type"], "done");
  const Json end = receive();
  EXPECT_EQ(end["id"], 2);
  EXPECT_EQ(end["error"]["code"], "cancelled");
}

TEST_F(Server, PingIsAnsweredDuringAnAnswer) {
  load();
  generate(2, "slow start");
  EXPECT_EQ(receive()["type"], "begun");
  send({{"type", "ping"}, {"id", 2}});
  EXPECT_EQ(receive(), Json({{"type", "pong"}, {"id", 2}}));
  EXPECT_EQ(receive()["type"], "done");
}

TEST_F(Server, FaultsOfACallAreItsAnswer) {
  const auto code = [this](Json message) {
    message["id"] = 5;
    send(message);
    return receive_end()["error"]["code"];
  };
  EXPECT_EQ(code({{"type", "generate"}, {"request", {{"prompt", "pid"}}}}), "not_initialized");
  EXPECT_EQ(code({{"type", "dance"}}), "protocol");
  EXPECT_EQ(code({{"type", "load"}}), "protocol");
  EXPECT_EQ(code({{"type", "load"}, {"model", model_json("x")}}), "invalid_argument");
  EXPECT_EQ(code({{"type", "generate"}}), "invalid_argument");
  EXPECT_EQ(code({{"type", "score"}, {"tokens", "x"}}), "invalid_argument");
  EXPECT_EQ(code({{"type", "prepare"}}), "invalid_argument");
  EXPECT_EQ(code({{"type", "embed"}, {"texts", {"\xFF"}}}), "invalid_argument");
  EXPECT_EQ(code({{"type", "load"}, {"model", model_json("throw")}, {"options", Json::object()}}),
            "internal");
  load();
  EXPECT_EQ(code({{"type", "generate"}, {"request", {{"prompt", "no memory"}}}}), "out_of_memory");
  EXPECT_EQ(code({{"type", "generate"}, {"request", {{"prompt", "big 67108864"}}}}), "internal");
}

TEST_F(Server, UnloadEndsIt) {
  load();
  generate(2, "words 100000 1");
  EXPECT_EQ(receive()["type"], "begun");
  send({{"type", "unload"}});
  EXPECT_EQ(receive_end()["value"]["finish"], "cancelled");
  EXPECT_EQ(end(), 0);
}

TEST_F(Server, EndOfTheSocketCancelsTheAnswer) {
  load();
  generate(2, "words 100000 1");
  EXPECT_EQ(receive()["type"], "begun");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(end(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << "not 100";
}

TEST_F(Server, EndOfTheSocketCancelsTheLoad) {
  send({{"type", "load"}, {"id", 1}, {"model", model_json("slow")}, {"options", Json::object()}});
  EXPECT_EQ(receive()["type"], "begun");
  EXPECT_EQ(end(), 0);
}

TEST_F(Server, BreachOfTheProtocolEndsIt) {
  send_bytes("\xFF\xFF\xFF\xFF");
  EXPECT_EQ(end(), 2);
}

TEST_F(Server, AMessageWithoutIdEndsIt) {
  send({{"type", "score"}});
  EXPECT_EQ(end(), 2);
}

}  // namespace
}  // namespace tenfold
