#include "parity/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "parity/testing/fake_engine.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

const std::vector<Message> question{{"user", "Hi"}};

TopTokens chances(const std::vector<std::pair<TokenId, double>>& all) {
  TopTokens top;
  for (const auto& [token, probability] : all)
    top.push_back({token, {}, std::log(probability), {}});
  return top;
}

TEST(Divergence, OfDistributions) {
  const TopTokens half = chances({{1, 0.5}, {2, 0.25}});
  EXPECT_NEAR(divergence_of(half, half), 0, 1e-7);
  EXPECT_NEAR(divergence_of(half, chances({{1, 0.25}, {2, 0.5}})),
              0.5 * std::log(2) + 0.25 * std::log(0.5), 1e-7);
  // Token 2 is not among the run's, which may give it up to 0.25.
  EXPECT_NEAR(divergence_of(half, chances({{1, 0.5}, {3, 0.25}})), 0, 1e-6);
  EXPECT_NEAR(divergence_of(half, chances({{1, 0.5}, {3, 0.125}})),
              0.25 * std::log(2) + 0.25 * std::log(0.25 / 0.375), 1e-6);
  EXPECT_GT(divergence_of(chances({{1, 0.999}}), chances({{2, 0.999}, {3, 0.0005}})), 5);
  EXPECT_GT(divergence_of(chances({{1, 0.9}}), chances({{1, 0.1}})), 1);
}

TEST(Compare, ARunWithItself) {
  FakeRun run;
  const auto recorded = record_case(*run.engine, "one", std::string("Hello"), 12);
  ASSERT_TRUE(recorded.ok()) << recorded.error().message;
  EXPECT_EQ(recorded->answer.size(), 12U);
  EXPECT_EQ(recorded->top.size(), 12U);
  const auto report = compare_case(*run.engine, *recorded);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->divergence);
  EXPECT_EQ(report->agreed, 12U);
  EXPECT_EQ(report->kl_positions, 12U);
  EXPECT_NEAR(report->kl, 0, 1e-6);
  EXPECT_EQ(report->text_difference + report->tokens_difference, "");
}

TEST(Compare, NamesTheFirstOtherTokenAndGoesOnAlongTheReference) {
  FakeRun run;
  run.script({'a', 'b', 'c', 'd'});
  const auto recorded = record_case(*run.engine, "one", question, 20);
  ASSERT_TRUE(recorded.ok()) << recorded.error().message;
  EXPECT_TRUE(recorded->ends);
  run.script({'a', 'x', 'c', 'd'});
  const auto report = compare_case(*run.engine, *recorded);
  ASSERT_TRUE(report.ok()) << report.error().message;
  ASSERT_TRUE(report->divergence);
  EXPECT_EQ(report->divergence->position, 1U);
  EXPECT_EQ(describe(report->divergence->got), "120 \"x\"");
  EXPECT_EQ(report->divergence->expected->token, 'b');
  EXPECT_EQ(report->positions, 5U);
  EXPECT_EQ(report->agreed, 4U) << "all but one";
  EXPECT_GT(report->kl, 1);
}

TEST(Compare, TheGapIsInBothRuns) {
  FakeRun run;
  const auto prefer = [&](TokenId token, float by) {
    run.control->edit_row = [=](std::span<float> row) {
      std::ranges::fill(row, 0.0F);
      row['a'] = 10;
      row['b'] = 10;
      row[static_cast<std::size_t>(token)] += by;
    };
  };
  prefer('a', 2);
  const auto recorded = record_case(*run.engine, "one", question, 3);
  ASSERT_TRUE(recorded.ok()) << recorded.error().message;
  prefer('b', 3);
  const auto report = compare_case(*run.engine, *recorded);
  ASSERT_TRUE(report.ok()) << report.error().message;
  ASSERT_TRUE(report->divergence);
  EXPECT_EQ(report->divergence->position, 0U);
  EXPECT_NEAR(report->divergence->gap.value(), 3, 1e-5);
  EXPECT_NEAR(report->divergence->reference_gap.value(), 2, 1e-5);
  EXPECT_EQ(describe(*report->divergence),
            "token 0 is 98 \"b\", expected 97 \"a\" (gap 3.000, in the reference 2.000)");
  EXPECT_EQ(report->agreed, 0U);
}

TEST(Compare, AnAnswerMustEndWhereTheReferenceEnds) {
  FakeRun run;
  run.script({'a', 'b'});
  auto recorded = record_case(*run.engine, "one", question, 20);
  ASSERT_TRUE(recorded.ok()) << recorded.error().message;
  // A run that takes the reference's last token for an ordinary one.
  recorded->answer = {'a'};
  recorded->top.clear();
  auto report = compare_case(*run.engine, *recorded);
  ASSERT_TRUE(report.ok() && report->divergence);
  EXPECT_EQ(describe(*report->divergence),
            "token 1 is 98 \"b\", expected the end (gap unknown, in the reference unknown)");
  recorded->answer = {'a', 'b', FakeTokenizer::end_of_turn, 'c'};
  report = compare_case(*run.engine, *recorded);
  ASSERT_TRUE(report.ok() && report->divergence);
  EXPECT_EQ(report->divergence->position, 3U);
  EXPECT_EQ(describe(report->divergence->got), "the end");
}

TEST(Compare, OtherTemplatesAreNotOtherWeights) {
  FakeRun run;
  run.script({'a'});
  const auto recorded = record_case(*run.engine, "one", question, 20);
  ASSERT_TRUE(recorded.ok()) << recorded.error().message;
  run.load("{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}");
  auto report = compare_case(*run.engine, *recorded);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->text_difference, R"(at byte 3: "Hi", expected "<|user|>Hi<|end|><|assis")");
  EXPECT_THAT(report->tokens_difference, HasSubstr("at position 1: 72, expected 258"));
  EXPECT_FALSE(report->divergence);
  run.load("");
  report = compare_case(*run.engine, *recorded);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_THAT(report->text_difference, HasSubstr("no chat template"));
}

TEST(Compare, TellsWhenTheContextIsFull) {
  FakeRun run;
  const auto refused = record_case(*run.engine, "one", std::string(500, 'a'), 20);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::context_exceeded);
}

TEST(FirstDifference, OfIds) {
  const std::vector<TokenId> ids{1, 2, 3};
  EXPECT_EQ(first_difference(ids, ids), "");
  EXPECT_EQ(first_difference(ids, std::vector<TokenId>{1, 2}),
            "at position 2: the end, expected 3 (2 and 3 tokens)");
}

}  // namespace
}  // namespace tenfold
