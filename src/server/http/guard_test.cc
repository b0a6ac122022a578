#include "server/http/guard.h"

#include <gtest/gtest.h>

namespace tenfold::server {
namespace {

const std::string long_key(20, 'k');

HttpOptions public_server() {
  HttpOptions options;
  options.host = "0.0.0.0";
  options.keys = {{"reader", long_key, {Right::answer}}};
  return options;
}

TEST(Guard, AServerOfThisMachineAnswersToItsNamesOnly) {
  HttpOptions options;
  options.allowed_hosts = {"my.box"};
  const Guard guard(options);
  for (const char* host : {"localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:1", "my.box:9"}) {
    EXPECT_TRUE(guard.check_host(host).ok()) << host;
  }
  for (const char* host :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil", "[::1"}) {
    EXPECT_EQ(guard.check_host(host).error().code, ErrorCode::permission_denied) << host;
  }
}

TEST(Guard, APublicServerAnswersToAnyNameUnlessSomeAreGiven) {
  HttpOptions options = public_server();
  Guard guard(options);
  guard.set_reachable(true);
  EXPECT_TRUE(guard.check_host("any.example").ok());
  options.allowed_hosts = {"one.example"};
  EXPECT_FALSE(guard.check_host("any.example").ok());
  EXPECT_TRUE(guard.check_host("one.example").ok());
}

TEST(Guard, WhatIsListenedOnCountsAndNotWhatWasAskedFor) {
  const HttpOptions options = public_server();
  EXPECT_FALSE(Guard(options).check_host("any.example").ok());
}

TEST(Guard, PagesOfOtherServersAreRefused) {
  HttpOptions options;
  options.allowed_origins = {"https://chat.example"};
  const Guard guard(options);
  const auto origin = [&](std::string_view text) {
    return guard.check_origin({.host = "localhost:10010", .origin = text});
  };
  EXPECT_EQ(origin("").value(), std::nullopt);
  EXPECT_EQ(origin("http://localhost:10010").value(), std::nullopt);
  EXPECT_EQ(origin("https://chat.example").value(), "https://chat.example");
  EXPECT_FALSE(origin("http://localhost:3000").ok());
  EXPECT_FALSE(origin("https://chat.example.evil").ok());
  EXPECT_FALSE(origin("null").ok());
}

TEST(Guard, KnowsKeysByEitherHeader) {
  const HttpOptions options = public_server();
  const Guard guard(options);
  const std::string bearer = "bearer " + long_key;
  EXPECT_EQ(guard.identify({.authorization = bearer})->name, "reader");
  EXPECT_EQ(guard.identify({.api_key = long_key})->rights, std::set{Right::answer});
}

TEST(Guard, RefusesWrongAndMissingKeys) {
  const HttpOptions options = public_server();
  const Guard guard(options);
  EXPECT_FALSE(guard.identify({}).ok());
  EXPECT_FALSE(guard.identify({.api_key = long_key.substr(1)}).ok());
  EXPECT_FALSE(guard.identify({.api_key = long_key + "k"}).ok());
  EXPECT_FALSE(guard.identify({.authorization = long_key}).ok());
}

TEST(Guard, WithoutKeysEveryoneMayDoEverything) {
  const HttpOptions options;
  EXPECT_EQ(Guard(options).identify({})->rights.size(), 3U);
}

TEST(Options, KeysAreLongAndDiffer) {
  HttpOptions options;
  options.keys = {{"a", "short", {}}};
  EXPECT_FALSE(check_options(options).ok());
  options.keys = {{"a", long_key, {}}, {"b", long_key, {}}};
  EXPECT_FALSE(check_options(options).ok());
}

TEST(Options, OriginsAreSchemeHostAndPort) {
  HttpOptions options;
  options.allowed_origins = {"https://a.example:8443", "*"};
  EXPECT_TRUE(check_options(options).ok());
  for (const char* wrong : {"a.example", "https://a.example/path", "ftp://a.example"}) {
    options.allowed_origins = {wrong};
    EXPECT_FALSE(check_options(options).ok()) << wrong;
  }
}

}  // namespace
}  // namespace tenfold::server
