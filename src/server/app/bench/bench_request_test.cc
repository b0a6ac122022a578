#include "server/app/bench/bench_request.h"

#include <gmock/gmock.h>

namespace tenfold::server::bench {
namespace {

using ::testing::HasSubstr;

TEST(BenchRequest, WhatIsAbsentIsShortMediumAndLong) {
  const auto plan = read_plan(Json::parse(R"({"models": [{"model": "a", "engine": null}]})"));
  ASSERT_TRUE(plan.ok()) << plan.error().message;
  EXPECT_EQ(plan->speed.prompt_tokens, (std::vector<int>{128, 512, 2048}));
  EXPECT_EQ(plan->speed.generate_tokens, (std::vector<int>{64}));
  EXPECT_EQ(plan->speed.depths, (std::vector<int>{0}));
  EXPECT_EQ(plan->models[0].engine, "");
}

TEST(BenchRequest, FaultsAreNamed) {
  const auto fault = [](const std::string& fields) {
    const auto plan = read_plan(Json::parse(R"({"models": [{"model": "a"}])" + fields + "}"));
    return plan.ok() ? std::string("accepted") : plan.error().message;
  };
  EXPECT_THAT(fault(R"(, "repetitions": 0)"), HasSubstr("repetitions"));
  EXPECT_THAT(fault(R"(, "threads": -1)"), HasSubstr("threads"));
  EXPECT_THAT(fault(R"(, "prompt_tokens": [0])"), HasSubstr("prompt_tokens"));
  EXPECT_THAT(fault(R"(, "prompt_tokens": [1,1,1,1,1,1,1,1,1])"), HasSubstr("prompt_tokens"));
  EXPECT_THAT(fault(R"(, "generate_tokens": ["x"])"), HasSubstr("generate_tokens"));
  EXPECT_THAT(fault(R"(, "prompt_tokens": [], "generate_tokens": [])"), HasSubstr("nothing"));
  EXPECT_THAT(fault(R"(, "depths": [-1])"), HasSubstr("depths"));
  EXPECT_THAT(fault(R"(, "depths": [])"), HasSubstr("nothing"));
  EXPECT_THAT(fault(R"(, "speed": 1)"), HasSubstr("speed"));
  EXPECT_THAT(read_plan(Json::parse(R"({"models": []})")).error().message, HasSubstr("models"));
  EXPECT_THAT(
      read_plan(Json::parse(R"({"models": [{"model": "a", "engine": "x"}]})")).error().message,
      HasSubstr("no engine \"x\""));
}

}  // namespace
}  // namespace tenfold::server::bench
