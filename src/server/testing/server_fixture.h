// A server on a free port of this machine, with engines under the tests' control.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>

#include "engine/json.h"
#include "server/server.h"
#include "server/testing/client.h"
#include "service/testing/fake_host.h"

namespace tenfold::server {

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "tenfold-server-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    home_ = name;
    ::setenv("TENFOLD_HOME", name.c_str(), 1);
    options_.port = 0;
  }

  void TearDown() override {
    if (thread_.joinable()) {
      server_->stop();
      thread_.join();
    }
    std::filesystem::remove_all(home_);
  }

  void start(SchedulerOptions scheduler = {}) {
    auto server = Server::open(options_, std::make_unique<Scheduler>(scheduler, host_), "a",
                               [this](const AccessRecord& record) { records_.push_back(record); });
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(server).value();
    thread_ = std::jthread([this] { server_->run(); });
  }

  Client connect() { return Client(server_->addresses()[0]); }

  static std::string chat(const std::string& prompt, const std::string& fields = {}) {
    return R"({"messages": [{"role": "user", "content": ")" + prompt + "\"}]" + fields + "}";
  }

  static Json body(const std::string& reply) {
    return Json::parse(reply.substr(reply.find("\r\n\r\n") + 4));
  }

  void until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_TRUE(condition());
  }

  /// A client may hear the end of its answer before the scheduler has noted it.
  void wait_until_idle(Client& client) {
    until([&] {
      client.get("/api/ps");
      const Json models = body(client.reply())["models"];
      return std::ranges::none_of(models,
                                  [](const Json& it) { return it["expires_at"].is_null(); });
    });
  }

  std::filesystem::path home_;
  ServerOptions options_;
  std::shared_ptr<FakeHost> host_ = std::make_shared<FakeHost>();
  std::unique_ptr<Server> server_;
  std::vector<AccessRecord> records_;  // to be read when the server has ended
  std::jthread thread_;
};

}  // namespace tenfold::server
