#include "server/http/router.h"

#include <gtest/gtest.h>

#include <array>

namespace tenfold::server {
namespace {

constexpr auto table = std::to_array<Route>({
    {"GET", "/v1/models", Dialect::openai, Right::answer, nullptr},
    {"GET", "/v1/models/{model}", Dialect::openai, Right::answer, nullptr},
    {"DELETE", "/v1/models/{model}", Dialect::openai, Right::manage, nullptr},
    {"POST", "/v1/models/{model}/verify", Dialect::openai, Right::manage, nullptr},
    {"POST", "/jobs/{job}/cancel", Dialect::tenfold, Right::manage, nullptr},
    {"GET", "/jobs/{job}/events", Dialect::tenfold, Right::observe, nullptr},
    {"GET", "/jobs/{job}", Dialect::tenfold, Right::observe, nullptr},
});

TEST(Router, FindsTheRouteOfMethodAndPath) {
  EXPECT_EQ(find_route(table, "GET", "/v1/models").route, &table[0]);
  EXPECT_EQ(find_route(table, "HEAD", "/v1/models").route, &table[0]);
  EXPECT_EQ(find_route(table, "DELETE", "/v1/models/a").route, &table[2]);
}

TEST(Router, APartInBracesIsOneSegmentUnlessItIsAModel) {
  EXPECT_EQ(find_route(table, "GET", "/v1/models/org/name").parameters.at("model"), "org/name");
  EXPECT_EQ(find_route(table, "POST", "/v1/models/org/name/verify").parameters.at("model"),
            "org/name");
  EXPECT_EQ(find_route(table, "GET", "/jobs/7/other").route, nullptr);
  EXPECT_EQ(find_route(table, "GET", "/jobs/7/cancel").route, nullptr);
  EXPECT_EQ(find_route(table, "POST", "/jobs/7/cancel").parameters.at("job"), "7");
}

TEST(Router, AnEmptyPartIsNoMatch) {
  EXPECT_EQ(find_route(table, "GET", "/v1/models/").route, nullptr);
  EXPECT_EQ(find_route(table, "POST", "/jobs//cancel").route, nullptr);
}

TEST(Router, TellsTheMethodsOfAPath) {
  const Match match = find_route(table, "PUT", "/v1/models/a");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "GET, DELETE");
  EXPECT_EQ(find_route(table, "PUT", "/jobs/7/events").allowed, "GET");
  EXPECT_EQ(find_route(table, "PUT", "/v1/models/a/verify").allowed, "POST");
  EXPECT_EQ(find_route(table, "GET", "/nothing").allowed, "");
}

TEST(Router, PathsBelongToAnApiEvenWithoutARoute) {
  EXPECT_EQ(dialect_of("/v1/messages/count_tokens"), Dialect::anthropic);
  EXPECT_EQ(dialect_of("/v1/none"), Dialect::openai);
  EXPECT_EQ(dialect_of("/api/chat"), Dialect::ollama);
  EXPECT_EQ(dialect_of("/api/v1/engines"), Dialect::tenfold);
}

TEST(Url, DecodesWhatIsWellFormed) {
  EXPECT_EQ(decode_url("a%20b+c", false).value(), "a b+c");
  EXPECT_EQ(decode_url("a+%C3%A9", true).value(), "a é");
}

TEST(Url, RefusesWhatIsNot) {
  for (const char* text : {"%", "%2", "%zz", "a%00b", "%ff", "%C3"}) {
    EXPECT_EQ(decode_url(text, false).error().code, ErrorCode::invalid_argument) << text;
  }
}

TEST(Url, AQueryHasEachNameOnce) {
  const auto query = decode_query("a=1&b=x%26y&c").value();
  EXPECT_EQ(query.at("a"), "1");
  EXPECT_EQ(query.at("b"), "x&y");
  EXPECT_EQ(query.at("c"), "");
  EXPECT_EQ(decode_query("a=1&a=2").error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace tenfold::server
