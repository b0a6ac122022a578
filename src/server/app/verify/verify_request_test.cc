#include "server/app/verify/verify_request.h"

#include <gmock/gmock.h>

namespace tenfold::server::verify {
namespace {

using ::testing::HasSubstr;

TEST(VerifyRequest, WhatIsAbsentIsAsOnTheCommandLine) {
  const auto request = read_verify(Json::parse(R"({"models": [{"model": "a"}]})"));
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->models[0].engine, "");
  EXPECT_EQ(request->max_tokens, 32);
  EXPECT_EQ(request->context_size, 0);
  EXPECT_EQ(request->threads, 0);
  EXPECT_TRUE(request->stream);
}

TEST(VerifyRequest, FaultsAreNamed) {
  const auto fault = [](const std::string& body) {
    const auto request = read_verify(Json::parse(body));
    return request.ok() ? std::string("accepted") : request.error().message;
  };
  const std::string models = R"({"models": [{"model": "a"}], )";
  EXPECT_THAT(fault("{}"), HasSubstr("models"));
  EXPECT_THAT(fault(R"({"models": []})"), HasSubstr("models"));
  EXPECT_THAT(fault(R"({"models": [{}]})"), HasSubstr("models[0].model"));
  EXPECT_THAT(fault(R"({"models": [{"model": "a", "path": "b"}]})"), HasSubstr("models[0].path"));
  EXPECT_THAT(fault(R"({"models": [{"model": "a", "engine": "x"}]})"), HasSubstr("engine \"x\""));
  EXPECT_THAT(fault(models + R"("max_tokens": 0})"), HasSubstr("max_tokens"));
  EXPECT_THAT(fault(models + R"("threads": -1})"), HasSubstr("threads"));
  EXPECT_THAT(fault(models + R"("context_size": -1})"), HasSubstr("context_size"));
  EXPECT_THAT(fault(models + R"("stream": 1})"), HasSubstr("stream"));
  EXPECT_THAT(fault(models + R"("files": true})"), HasSubstr("files"));
}

}  // namespace
}  // namespace tenfold::server::verify
