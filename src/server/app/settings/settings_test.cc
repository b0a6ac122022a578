// Settings over a socket, with a program that keeps them in memory.
#include <gmock/gmock.h>

#include <stdexcept>

#include "server/testing/server_fixture.h"

namespace tenfold::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SettingsTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    options_.settings.list = [this]() -> Result<Json> { return Json::array({values_}); };
    options_.settings.change = [this](const Json& values) -> Result<void> {
      if (values.contains("bad")) return fail(ErrorCode::invalid_argument, "bad is no setting");
      values_.update(values);
      return {};
    };
    options_.settings.generation = [] { return Json{{"max_tokens", 2}}; };
  }

  Json values_ = Json::object();
};

TEST_F(SettingsTest, AreShownAndChanged) {
  options_.keys = {{"me", "0123456789abcdef", {Right::manage}}};
  start();
  const std::string key = "X-Api-Key: 0123456789abcdef\r\n";
  Client client = connect();
  const auto patch = [&](const std::string& text) {
    client.send("PATCH /api/v1/settings HTTP/1.1\r\nHost: localhost\r\n" + key +
                "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
    return client.reply();
  };
  EXPECT_EQ(body(patch(R"({"theme": "dark"})"))["settings"][0]["theme"], "dark");
  EXPECT_THAT(patch(R"({"bad": 1})"), HasSubstr("bad is no setting"));
  client.get("/api/v1/settings", key);
  const std::string reply = client.reply();
  const Json shown = body(reply);
  EXPECT_EQ(shown["server"]["keys"], Json::parse(R"([{"name": "me", "rights": ["manage"]}])"));
  EXPECT_THAT(shown["server"]["addresses"][0].get<std::string>(), HasSubstr("http://127.0.0.1:"));
  EXPECT_THAT(reply, ::testing::Not(HasSubstr("0123456789abcdef"))) << "keys stay secret";
}

TEST_F(SettingsTest, WhatAHandlerThrowsIsTheErrorOfItsRequestAlone) {
  options_.settings.list = []() -> Result<Json> { throw std::runtime_error("a library threw"); };
  start();
  Client client = connect();
  client.get("/api/v1/settings");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 500"), HasSubstr("a library threw")));
  client.get("/health");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  server_->stop();
  thread_.join();
  ASSERT_EQ(records_.size(), 2U);
  EXPECT_EQ(records_[0].status, 500);
}

}  // namespace
}  // namespace tenfold::server
