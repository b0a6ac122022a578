// Ollama's API over a socket.
#include <gmock/gmock.h>

#include "server/testing/server_fixture.h"

namespace tenfold::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using OllamaTest = ServerTest;

TEST_F(OllamaTest, StreamsLinesUnlessToldNotTo) {
  start();
  Client client = connect();
  client.post("/api/generate", R"({"prompt": "words 2"})");
  EXPECT_THAT(client.read_to("0\r\n\r\n"),
              AllOf(HasSubstr("application/x-ndjson"), HasSubstr(R"("response":"w1 "})"),
                    HasSubstr(R"("done":true,"done_reason":"stop")")));
  client.post("/api/chat", chat("words 2", R"(, "stream": false)"));
  const Json json = body(client.reply());
  EXPECT_EQ(json["message"]["content"], "w0 w1 ");
  EXPECT_EQ(json["eval_count"], 2);
  EXPECT_EQ(json["tenfold"]["engine"], "first");
}

TEST_F(OllamaTest, ErrorsAreASentence) {
  start();
  Client client = connect();
  client.post("/api/chat", chat("words 2", R"(, "model": "nobody")"));
  const std::string reply = client.reply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(body(reply)["error"].get<std::string>(), HasSubstr("no model \"nobody\""));
  client.post("/api/chat", chat("words 2", R"(, "options": {"mirostat": 2})"));
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("options.mirostat")));
}

TEST_F(OllamaTest, AnEmptyRequestLoadsAndUnloads) {
  start();
  Client client = connect();
  client.post("/api/generate", "{}");
  EXPECT_THAT(client.reply(), HasSubstr(R"("done_reason":"load")"));
  client.get("/api/ps");
  const Json running = body(client.reply());
  EXPECT_EQ(running["models"][0]["name"], "a");
  EXPECT_EQ(running["models"][0]["context_length"], 512);
  client.post("/api/chat", R"({"keep_alive": 0})");
  EXPECT_THAT(client.reply(), HasSubstr(R"("done_reason":"unload")"));
  until([&] { return host_->log().back() == "unload a"; });
}

TEST_F(OllamaTest, ASilentStreamSaysNothingInWholeLines) {
  options_.keep_alive = std::chrono::seconds(0);
  start();
  Client client = connect();
  client.post("/api/generate", R"({"prompt": "wait go"})");
  EXPECT_THAT(client.read_to(R"("response":""})"), Not(HasSubstr(": waiting")));
  host_->open("go");
}

TEST_F(OllamaTest, APullOfAnUnknownModelIsAnError) {
  start();
  Client client = connect();
  client.post("/api/pull", R"({"model": "no-such-model"})");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("no-such-model")));
}

TEST_F(OllamaTest, APullFollowsNoUrlIntoThisMachine) {
  start();
  Client client = connect();
  client.post("/api/pull", R"({"model": "http://127.0.0.1:9/a.gguf"})");
  EXPECT_THAT(client.read_to("0\r\n\r\n"),
              AllOf(HasSubstr("pulling manifest"), HasSubstr("not on the public internet")));
  client.post("/api/pull", R"({"model": "http://localhost:9/a.gguf", "stream": false})");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 403"));
}

TEST_F(OllamaTest, ClientsFindAServer) {
  start();
  Client client = connect();
  client.get("/");
  EXPECT_THAT(client.reply(), HasSubstr("Tenfold is running"));
  client.get("/api/version");
  EXPECT_EQ(body(client.reply())["version"], TENFOLD_VERSION);
  client.get("/api/tags");
  EXPECT_EQ(body(client.reply())["models"], Json::array());
}

TEST_F(OllamaTest, OnlyThoseWhoManageMayChangeTheStore) {
  options_.keys = {{"reader", "0123456789abcdef", {Right::answer}}};
  start();
  const std::string key = "X-Api-Key: 0123456789abcdef\r\n";
  Client pull = connect();
  pull.post("/api/pull", R"({"model": "m"})", key);
  EXPECT_THAT(pull.rest(), StartsWith("HTTP/1.1 403"));
  Client tags = connect();
  tags.get("/api/tags", key);
  EXPECT_THAT(tags.reply(), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace tenfold::server
