// The whole server over a socket, with engines under the tests' control.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>

#include "engine/sampling.h"
#include "server/testing/server_fixture.h"

namespace tenfold::server {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

TEST_F(ServerTest, AnswersInOnePiece) {
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("words 3"));
  const std::string reply = client.reply();
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK"));
  const Json json = body(reply);
  EXPECT_EQ(json["choices"][0]["message"]["content"], "w0 w1 w2 ");
  EXPECT_EQ(json["model"], "a");
  EXPECT_EQ(json["usage"]["completion_tokens"], 3);
  EXPECT_EQ(json["tenfold"]["model_sha256"], "00ff");
}

TEST_F(ServerTest, StreamsEvents) {
  start();
  Client client = connect();
  client.post("/v1/chat/completions",
              chat("words 2", R"(, "stream": true, "stream_options": {"include_usage": true})"));
  const std::string reply = client.read_to("0\r\n\r\n");
  EXPECT_THAT(reply, AllOf(HasSubstr("text/event-stream"), HasSubstr("Transfer-Encoding: chunked"),
                           HasSubstr(R"("content":"w1 ")"), HasSubstr(R"("completion_tokens":2)"),
                           HasSubstr("data: [DONE]\n\n")));
}

TEST_F(ServerTest, AConnectionServesManyRequests) {
  start();
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    client.get("/health");
    EXPECT_THAT(client.reply(), HasSubstr("\"ok\""));
  }
  client.get("/health", "Connection: close\r\n");
  EXPECT_THAT(client.rest(), EndsWith("}"));
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  start();
  Client client = connect();
  const std::string one = "GET /v1/none HTTP/1.1\r\nHost: localhost\r\n\r\n";
  client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + one);
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 404"));
}

TEST_F(ServerTest, HeadHasNoBodyAndOldClientsGetNoChunks) {
  start();
  Client client = connect();
  client.send("HEAD /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.rest(), AllOf(StartsWith("HTTP/1.0 200"), EndsWith("\r\n\r\n")));
  Client old = connect();
  const std::string question = chat("words 1", R"(, "stream": true)");
  old.send("POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\nContent-Length: " +
           std::to_string(question.size()) + "\r\n\r\n" + question);
  EXPECT_THAT(old.rest(), AllOf(Not(HasSubstr("chunked")), EndsWith("data: [DONE]\n\n")));
}

TEST_F(ServerTest, ErrorsBeforeAnAnswerHaveTheirStatus) {
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("words 1", R"(, "stream": true, "model": "nobody")"));
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("nobody")));
  client.post("/v1/chat/completions", chat("words 1", R"(, "colour": 1)"));
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("colour")));
  client.post("/v1/chat/completions", chat("words 1", R"(, "stream": true, "temperature": -1)"));
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("temperature")));
  client.post("/v1/chat/completions", "[");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, AStreamThatCannotBeginHasItsStatus) {
  start();
  Client client = connect();
  for (const char* path : {"/v1/chat/completions", "/api/chat"}) {
    client.post(path, chat("refuse", R"(, "stream": true)"));
    EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("too long"))) << path;
  }
}

TEST_F(ServerTest, WhatChangesNothingIsNamedInAHeaderAndInTheLog) {
  start();
  Client client = connect();
  const std::string noted = "Tenfold-Noted: user, messages[].name\r\n";
  const std::string question = R"({"user": "u", "messages": [{"role": "user", "name": "n",
                                   "content": "words 1"}])";
  client.post("/v1/chat/completions", question + "}");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr(noted)));
  client.post("/v1/chat/completions", question + R"(, "stream": true})");
  EXPECT_THAT(client.read_to("0\r\n\r\n"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr(noted)));
  client.post("/v1/chat/completions", chat("words 1"));
  EXPECT_THAT(client.reply(), Not(HasSubstr("Tenfold-Noted")));
  server_->stop();
  thread_.join();
  ASSERT_EQ(records_.size(), 3U);
  EXPECT_EQ(records_[0].noted, "user, messages[].name");
  EXPECT_EQ(records_[2].noted, "");
}

TEST_F(ServerTest, AStreamOfMessagesSaysAtItsBeginningHowLongThePromptIs) {
  start();
  Client client = connect();
  client.post("/v1/messages", R"({"max_tokens": 9, "stream": true,
      "messages": [{"role": "user", "content": "read 1"}]})");
  EXPECT_THAT(client.read_to("event: ping"),
              AllOf(HasSubstr(R"("input_tokens":1)"), HasSubstr(R"("cache_read_input_tokens":1)")));
}

TEST_F(ServerTest, ABodyThatIsNoJsonIsToldWhere) {
  start();
  Client client = connect();
  const std::pair<const char*, const char*> bodies[] = {{R"({"a": "\ud83d"})", "line 1, column 14"},
                                                        {"{\"a\": \"\xff\"}", "line 1, column 8"},
                                                        {R"({"temperature": 1E400})", "1E400"},
                                                        {"[1]", "not a JSON object"}};
  for (const auto& [body, where] : bodies) {
    client.post("/v1/chat/completions", body);
    EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr(where)));
  }
}

TEST_F(ServerTest, HowToSampleIsSaidByTheRequestThenByTheSettings) {
  options_.settings.generation = [] {
    return Json{{"temperature", 0.5}, {"top_k", 7}, {"max_tokens", 1}};
  };
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("sampling", R"(, "top_k": 1, "min_p": null)"));
  const Json reply = body(client.reply());
  EXPECT_EQ(Json::parse(reply["choices"][0]["message"]["content"].get<std::string>()),
            Json({{"temperature", 0.5}, {"top_k", 1}}))
      << "what is null nobody gave; the length of answers is not how to sample";
}

TEST_F(ServerTest, APresetOfTheModelComesAfterTheSettings) {
  options_.settings.generation = [] { return Json{{"temperature", 0.5}}; };
  options_.settings.preset = [](const std::string& model) {
    Sampling preset;
    if (model == "a") preset.temperature = preset.top_p = preset.min_p = 0.25;
    return preset;
  };
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("sampling", R"(, "min_p": 0.125)"));
  const Json reply = body(client.reply());
  EXPECT_EQ(Json::parse(reply["choices"][0]["message"]["content"].get<std::string>()),
            Json({{"temperature", 0.5}, {"top_p", 0.25}, {"min_p", 0.125}}));
}

TEST_F(ServerTest, ResponsesEchoTheSamplingInForce) {
  options_.settings.generation = [] { return Json{{"temperature", 0.5}}; };
  start();
  Client client = connect();
  client.post("/v1/responses", R"({"input": "words 1"})");
  Json reply = body(client.reply());
  EXPECT_EQ(reply["temperature"], 0.5);
  EXPECT_EQ(reply["top_p"], ResolvedSampling().top_p);
  client.post("/v1/responses", R"({"input": "words 1", "temperature": 0, "top_p": 0.3})");
  reply = body(client.reply());
  EXPECT_EQ(reply["temperature"], 0);
  EXPECT_EQ(reply["top_p"], 0.3);
}

TEST_F(ServerTest, ModelsAreNamedNotFiles) {
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("words 1", R"(, "model": "/etc/passwd")"));
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 404"));
  EXPECT_TRUE(host_->log().empty());
}

TEST_F(ServerTest, AClientThatGoesEndsItsAnswer) {
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("wait go", R"(, "stream": true)"));
  client.read_to("w0 ");
  client.close();
  Client other = connect();
  other.post("/v1/chat/completions", chat("words 1"));  // the engine does one thing at a time
  EXPECT_THAT(other.reply(), StartsWith("HTTP/1.1 200"));
  server_->stop();
  thread_.join();
  std::vector<int> statuses;
  for (const AccessRecord& record : records_) statuses.push_back(record.status);
  EXPECT_THAT(statuses, UnorderedElementsAre(499, 200));
}

TEST_F(ServerTest, AFullQueueSaysWhenToTryAgain) {
  options_.keep_alive = std::chrono::seconds(0);
  start({.queue_length = 1});
  Client busy = connect();
  busy.post("/v1/chat/completions", chat("wait go", R"(, "stream": true)"));
  busy.read_to("w0 ");
  Client waiting = connect();
  waiting.post("/v1/chat/completions", chat("words 1", R"(, "stream": true)"));
  waiting.read_to(": waiting\n\n");
  Client client = connect();
  client.post("/v1/chat/completions", chat("words 1"));
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 429"), HasSubstr("Retry-After: ")));
  host_->open("go");
  EXPECT_THAT(waiting.read_to("[DONE]"), EndsWith("[DONE]"));
}

TEST_F(ServerTest, SilentStreamsAreKeptAlive) {
  options_.keep_alive = std::chrono::seconds(0);
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("wait go", R"(, "stream": true)"));
  EXPECT_THAT(client.read_to(": waiting\n\n"), EndsWith(": waiting\n\n"));
  host_->open("go");
}

TEST_F(ServerTest, LimitsAreNamed) {
  options_.limits.body_bytes = 100;
  options_.limits.json_depth = 3;
  start();
  Client large = connect();
  large.post("/v1/chat/completions", chat(std::string(200, 'x')));
  EXPECT_THAT(large.rest(), AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("100 bytes")));
  Client headers = connect();
  headers.get("/health", "X: " + std::string(20'000, 'x') + "\r\n");
  EXPECT_THAT(headers.rest(), StartsWith("HTTP/1.1 431"));
  Client deep = connect();
  deep.post("/v1/chat/completions", R"({"a": [[[[]]]]})");
  EXPECT_THAT(deep.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("3 levels")));
  Client nonsense = connect();
  nonsense.send("hello\r\n\r\n");
  EXPECT_THAT(nonsense.rest(), StartsWith("HTTP/1.1 400"));
}

TEST_F(ServerTest, ASlowClientIsLetGo) {
  options_.limits.header_time = std::chrono::seconds(0);
  start();
  Client client = connect();
  client.send("GET /health HT");
  EXPECT_EQ(client.rest(), "");
}

TEST_F(ServerTest, KeysOpenWhatTheirRightsAllow) {
  options_.keys = {{"reader", "0123456789abcdef", {Right::answer}}};
  start();
  Client none = connect();
  none.get("/v1/models");
  EXPECT_THAT(none.rest(), AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("WWW-Authenticate")));
  Client client = connect();
  client.get("/v1/models", "Authorization: Bearer 0123456789abcdef\r\n");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  client.get("/api/v1/status", "X-Api-Key: 0123456789abcdef\r\n");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 403"));
}

TEST_F(ServerTest, ProbesNeedNoKey) {
  options_.keys = {{"reader", "0123456789abcdef", {Right::answer}}};
  start();
  Client client = connect();
  for (const char* path : {"/health", "/ready"}) {
    client.get(path);
    EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200")) << path;
  }
}

TEST_F(ServerTest, PagesOfOtherServersNeedLeave) {
  options_.allowed_origins = {"https://good.example"};
  start();
  Client bad = connect();
  bad.get("/v1/models", "Origin: https://bad.example\r\n");
  EXPECT_THAT(bad.rest(), StartsWith("HTTP/1.1 403"));
  Client good = connect();
  good.send(
      "OPTIONS /v1/models HTTP/1.1\r\nHost: localhost\r\nOrigin: https://good.example\r\n\r\n");
  EXPECT_THAT(good.reply(),
              AllOf(StartsWith("HTTP/1.1 204"), HasSubstr("Allow-Origin: https://good.example"),
                    HasSubstr("Access-Control-Allow-Methods: GET")));
  good.send(
      "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: https://good.example\r\n"
      "Access-Control-Request-Headers: x-stainless-os,openai-beta,anthropic-beta\r\n\r\n");
  EXPECT_THAT(good.reply(),
              HasSubstr("Access-Control-Allow-Headers: x-stainless-os,openai-beta,anthropic-beta"));
}

TEST_F(ServerTest, ABodyThatNobodyReadsIsNotTheNextRequest) {
  start();
  Client client = connect();
  client.send(
      "OPTIONS /v1/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
      "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string all = client.rest();
  EXPECT_THAT(all, AllOf(StartsWith("HTTP/1.1 204"), HasSubstr("Connection: close")));
  EXPECT_EQ(all.find("HTTP/1.1", 1), std::string::npos) << all;
}

TEST_F(ServerTest, ReadyOnlyWhenATokenCanBeGenerated) {
  start();
  Client client = connect();
  client.get("/ready");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  host_->fail_engine("first");
  host_->fail_engine("second");
  client.get("/health");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, AProbeIsNoUseOfAModel) {
  host_->advance(std::chrono::seconds(0));
  start({.idle_unload = std::chrono::seconds(60)});
  Client client = connect();
  client.get("/ready");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  wait_until_idle(client);
  host_->advance(std::chrono::seconds(40));
  client.get("/ready");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(host_->log(), Contains("answer 1 2 3").Times(2));
  wait_until_idle(client);
  host_->advance(std::chrono::seconds(25));
  client.post("/v1/chat/completions", chat("words 1", R"(, "engine": "second")"));
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  until([&] { return std::ranges::count(host_->log(), "unload a") == 1; });
}

TEST_F(ServerTest, AModelThatLeftForWantOfUseIsNotLoadedForAProbe) {
  host_->advance(std::chrono::seconds(0));
  start({.idle_unload = std::chrono::seconds(0)});
  Client client = connect();
  client.post("/v1/chat/completions", chat("words 1"));
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  until([&] { return std::ranges::count(host_->log(), "unload a") == 1; });
  host_->advance(std::chrono::seconds(40));
  client.get("/ready");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(host_->log(), Contains("load a").Times(1));
}

/// Opens a server on a socket that a service manager would hand over; says what came of it.
[[noreturn]] void open_inherited(const char* address, ServerOptions options,
                                 const std::shared_ptr<FakeHost>& host) {
  using boost::asio::ip::tcp;
  boost::asio::io_context loop;
  tcp::acceptor socket(loop, {boost::asio::ip::make_address(address), 0});
  ::dup2(socket.native_handle(), 3);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "1", 1);
  const auto server =
      Server::open(std::move(options), std::make_unique<Scheduler>(SchedulerOptions{}, host), "a",
                   [](const AccessRecord&) {});
  if (!server.ok()) fmt::print(stderr, "{}\n", server.error().message);
  ::_exit(server.ok() ? 0 : server.error().code == ErrorCode::invalid_argument ? 2 : 1);
}

TEST_F(ServerTest, WhoeverBoundAnAddressThatOthersReachItNeedsAKey) {
  using ::testing::ExitedWithCode;
  EXPECT_EXIT(open_inherited("0.0.0.0", options_, host_), ExitedWithCode(2), "no API key");
  EXPECT_EXIT(open_inherited("::", options_, host_), ExitedWithCode(2), "no API key");
  EXPECT_EXIT(open_inherited("127.0.0.1", options_, host_), ExitedWithCode(0), "");
  ServerOptions bound = options_;
  bound.host = "0.0.0.0";
  EXPECT_EXIT(open_inherited("127.0.0.1", bound, host_), ExitedWithCode(0), "");
  options_.keys = {{"reader", "0123456789abcdef", {Right::answer}}};
  EXPECT_EXIT(open_inherited("0.0.0.0", options_, host_), ExitedWithCode(0), "");
  const auto refused = Server::open(bound, std::make_unique<Scheduler>(SchedulerOptions{}, host_),
                                    "a", [](const AccessRecord&) {});
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
}

TEST_F(ServerTest, StoppingLetsAnswersEnd) {
  start();
  Client client = connect();
  Client idle = connect();
  idle.get("/health");
  idle.reply();
  client.post("/v1/chat/completions", chat("wait go", R"(, "stream": true)"));
  client.read_to("w0 ");
  server_->stop();
  EXPECT_EQ(idle.rest(), "");
  host_->open("go");
  EXPECT_THAT(client.rest(), HasSubstr("data: [DONE]"));
  thread_.join();
  server_->stop();
}

TEST_F(ServerTest, EveryRequestIsLoggedWithoutWhatWasSaid) {
  start();
  Client client = connect();
  client.post("/v1/chat/completions", chat("words 1"));
  client.reply();
  server_->stop();
  thread_.join();
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].path, "/v1/chat/completions");
  EXPECT_EQ(records_[0].status, 200);
  EXPECT_EQ(records_[0].client, "127.0.0.1");
}

TEST_F(ServerTest, StreamsTellHowMuchOfThePromptIsReadWhereThatIsWanted) {
  start();
  const auto stream = [&](const std::string& path, const std::string& body) {
    Client client = connect();
    client.post(path, body, "Connection: close\r\n");
    return client.rest();
  };
  const std::string half = R"("prompt_progress":{"cache":1,"index":0,"processed":1,"time_ms":0)";
  const std::string wanted = R"(, "stream": true, "return_progress": true)";
  EXPECT_NE(stream("/v1/chat/completions", chat("read 1", wanted)).find(half), std::string::npos);
  EXPECT_NE(stream("/v1/completions", R"({"prompt": "read 1")" + wanted + "}").find(half),
            std::string::npos);
  const std::string plain = stream("/v1/chat/completions", chat("read 1", R"(, "stream": true)"));
  EXPECT_EQ(plain.find("prompt_progress"), std::string::npos);
  EXPECT_NE(plain.find("w0"), std::string::npos);
}

}  // namespace
}  // namespace tenfold::server
