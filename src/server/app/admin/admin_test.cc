// Tenfold's own API, metrics and the description over a socket.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "server/testing/server_fixture.h"

namespace tenfold::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using AdminTest = ServerTest;

TEST_F(AdminTest, LoadsTellsAndUnloads) {
  start();
  Client client = connect();
  client.post("/api/v1/load", R"({"context_size": 64, "keep_alive": -1})");
  EXPECT_EQ(body(client.reply())["context_size"], 64);
  client.get("/api/v1/status");
  const Json status = body(client.reply());
  EXPECT_EQ(status["models"][0]["name"], "a");
  EXPECT_EQ(status["models"][0]["state"], "ready");
  EXPECT_EQ(status["models"][0]["memory_bytes"], 100);
  EXPECT_EQ(status["memory_used_bytes"], 100);
  EXPECT_EQ(status["counters"]["loads"], 1);
  client.post("/api/v1/unload", R"({"model": "a"})");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  until([&] { return host_->log().back() == "unload a"; });
}

TEST_F(AdminTest, WhatIsNotLoadedCannotBeUnloaded) {
  start();
  Client client = connect();
  client.post("/api/v1/unload", R"({"model": "a"})");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 404"));
}

TEST_F(AdminTest, TheStatusIsFollowedUntilTheServerStops) {
  start();
  Client client = connect();
  client.get("/api/v1/events");
  EXPECT_THAT(client.read_to("\n\n"), HasSubstr("text/event-stream"));
  EXPECT_THAT(client.read_to("event: status\ndata: {"), HasSubstr("event: status"));
  server_->stop();
  EXPECT_THAT(client.rest(), ::testing::EndsWith("0\r\n\r\n"));
}

TEST_F(AdminTest, ProcessorsThatSlowDownAreAnEvent) {
  const std::filesystem::path folder =
      home_ / "machine/sys/devices/system/cpu/cpu0/thermal_throttle";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "core_throttle_count") << 3;
  options_.machine_root = home_ / "machine";
  start();
  Client client = connect();
  const auto events = [&] {
    client.get("/api/v1/status");
    return body(client.reply())["events"];
  };
  EXPECT_EQ(events().size(), 0U) << "what was before the start";
  std::ofstream(folder / "core_throttle_count") << 5;
  Json found;
  until([&] { return !(found = events()).empty(); });
  EXPECT_EQ(found[0]["kind"], "throttled");
  EXPECT_THAT(found[0]["text"].get<std::string>(), HasSubstr("2 times"));
}

TEST_F(AdminTest, AMachineThatIsSlowToTellHoldsUpNoOtherRequest) {
  const std::filesystem::path stat = home_ / "machine/proc/stat";
  std::filesystem::create_directories(stat.parent_path());
  ASSERT_EQ(::mkfifo(stat.c_str(), 0600), 0);  // whose reader waits for a writer
  options_.machine_root = home_ / "machine";
  start();
  Client watcher = connect();
  watcher.get("/api/v1/status");
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    client.get("/health");
    EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  }
  std::ofstream(stat) << "cpu  1 2 3 4 5\n";
  EXPECT_THAT(watcher.reply(), StartsWith("HTTP/1.1 200"));
}

TEST_F(AdminTest, ADownloadIsFollowedToItsEnd) {
  start();
  Client client = connect();
  client.post("/api/v1/downloads", R"({"model": "http://127.0.0.1:9/a.gguf"})");
  const std::string started = client.reply();
  EXPECT_THAT(started, StartsWith("HTTP/1.1 202"));
  const std::string path = "/api/v1/downloads/" + body(started)["id"].get<std::string>();
  client.get(path + "/events");
  EXPECT_THAT(client.read_to("0\r\n\r\n"),
              AllOf(HasSubstr("event: failed"), HasSubstr("not on the public internet")));
  client.get(path);
  EXPECT_EQ(body(client.reply())["error"]["code"], "permission_denied");
  client.get("/api/v1/downloads");
  EXPECT_EQ(body(client.reply())["downloads"].size(), 1U);
  client.get("/api/v1/downloads/77");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 404"));
  client.get("/api/v1/downloads/x");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 404"));
}

TEST_F(AdminTest, ADownloadWithoutANetworkSaysSo) {
  ::setenv("TENFOLD_OFFLINE", "1", 1);
  start();
  Client client = connect();
  client.post("/api/v1/downloads", R"({"model": "https://models.example.org/a.gguf"})");
  const std::string path = "/api/v1/downloads/" + body(client.reply())["id"].get<std::string>();
  client.get(path + "/events");
  EXPECT_THAT(client.read_to("0\r\n\r\n"), HasSubstr("event: failed"));
  client.get(path);
  const Json error = body(client.reply())["error"];
  EXPECT_EQ(error["code"], "network");
  EXPECT_EQ(error["hint"], "unset TENFOLD_OFFLINE to use the network");
  ::unsetenv("TENFOLD_OFFLINE");
}

TEST_F(AdminTest, SearchesTheCatalogue) {
  start();
  Client client = connect();
  client.get("/api/v1/catalogue?q=smollm2+135m&engine=llama_cpp");
  const Json found = body(client.reply());
  ASSERT_FALSE(found["models"].empty());
  EXPECT_EQ(found["models"][0]["format"], "gguf");
  client.get("/api/v1/catalogue?q=apple&engine=apple_foundation");
  const Json outlook = body(client.reply())["models"][0]["outlook"];
  EXPECT_EQ(outlook["state"], "cannot_run");
  EXPECT_THAT(outlook["why"].get<std::string>(), HasSubstr("macOS"));
  client.get("/api/v1/catalogue?page=2");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("page")));
}

TEST_F(AdminTest, CountsTokensAndScores) {
  start();
  Client client = connect();
  client.post("/api/v1/tokenize", R"({"text": "whatever"})");
  const Json counted = body(client.reply());
  EXPECT_EQ(counted["count"], 3);
  EXPECT_EQ(counted["tokens"], Json::parse("[1, 2, 3]"));
  client.post("/api/v1/score", R"({"tokens": [1, 2, 3]})");
  EXPECT_EQ(body(client.reply())["tokens"][0]["id"], 1);
}

TEST_F(AdminTest, AMissingModelCannotBeDeleted) {
  start();
  Client client = connect();
  client.send("DELETE /api/v1/models/nobody HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("nobody")));
}

TEST_F(AdminTest, MetricsCountByRoute) {
  start();
  Client client = connect();
  client.get("/api/v1/downloads/77");
  client.reply();
  client.get("/metrics");
  EXPECT_THAT(
      client.reply(),
      AllOf(HasSubstr("text/plain; version=0.0.4"),
            HasSubstr("tenfold_http_requests_total{method=\"GET\",route=\"/api/v1/downloads/"
                      "{id}\",status=\"404\"} 1\n")));
}

TEST_F(AdminTest, TheDescriptionIsServed) {
  start();
  Client client = connect();
  client.get("/openapi.json");
  EXPECT_EQ(body(client.reply())["openapi"], "3.1.0");
}

TEST_F(AdminTest, RightsAreKept) {
  options_.keys = {{"watcher", "0123456789abcdef", {Right::observe}}};
  start();
  const std::string key = "X-Api-Key: 0123456789abcdef\r\n";
  Client watching = connect();
  for (const char* path : {"/metrics", "/api/v1/status", "/api/v1/models", "/api/v1/downloads"}) {
    watching.get(path, key);
    EXPECT_THAT(watching.reply(), StartsWith("HTTP/1.1 200")) << path;
  }
  for (const char* path : {"/api/v1/load", "/api/v1/unload", "/api/v1/downloads", "/api/v1/score",
                           "/api/v1/verify", "/api/v1/models/a/verify"}) {
    Client client = connect();
    client.post(path, "{}", key);
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 403")) << path;
  }
}

}  // namespace
}  // namespace tenfold::server
