// Loading, scoring, embeddings and constraints.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "generation/logprobs.h"
#include "generation/testing/core_engine_fixture.h"

namespace tenfold {
namespace {

using Tokens = std::vector<TokenId>;

class CoreEngineModelTest : public CoreEngineFixture {};

TEST_F(CoreEngineModelTest, LoadsAndUnloads) {
  EXPECT_TRUE(engine_->is_initialized());
  EXPECT_EQ(engine_->name(), "fake");
  EXPECT_EQ(engine_->capabilities().engine, "fake");
  const auto info = engine_->initialize({.path = "again.model"}, {}, {});
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->path, "again.model");
  EXPECT_GT(info->load_seconds, 0);
  engine_->cleanup();
  EXPECT_FALSE(engine_->is_initialized());
  engine_->cleanup();
  EXPECT_EQ(error_of(ask("Hi")).code, ErrorCode::not_initialized);
  EXPECT_EQ(engine_->score(Tokens{1, 2}).error().code, ErrorCode::not_initialized);
}

TEST_F(CoreEngineModelTest, AFailedLoadLeavesNoModel) {
  EXPECT_EQ(engine_->initialize({.path = "missing"}, {}, {}).error().code, ErrorCode::not_found);
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_EQ(
      engine_->initialize({.path = "fake.model"}, {}, [](double) { return false; }).error().code,
      ErrorCode::cancelled);
  LoadOptions options;
  options.engine_options["nonsense"] = true;
  EXPECT_EQ(engine_->initialize({.path = "fake.model"}, options, {}).error().code,
            ErrorCode::invalid_argument);
  EXPECT_FALSE(engine_->is_initialized());
}

TEST_F(CoreEngineModelTest, AdjustsTheLoadedModelAlone) {
  EXPECT_TRUE(engine_->adjust({3}).ok());
  EXPECT_EQ(control_->threads, 3);
  EXPECT_EQ(engine_->adjust({-1}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(control_->threads, 3);
  engine_->cleanup();
  EXPECT_EQ(engine_->adjust({2}).error().code, ErrorCode::not_initialized);
  TokenBackend fixed = fake_backend(control_);
  fixed.capabilities.adjustable.clear();
  EXPECT_EQ(make_core_engine(std::move(fixed))->adjust({2}).error().code, ErrorCode::unsupported);
}

TEST_F(CoreEngineModelTest, ScoresEveryTokenButTheFirst) {
  Tokens tokens;
  for (int i = 0; i < 150; ++i) tokens.push_back(i % 100);
  const auto scores = engine_->score(tokens);
  ASSERT_TRUE(scores.ok()) << scores.error().message;
  ASSERT_EQ(scores->size(), 149U);
  EXPECT_EQ(control_->largest_chunk, 64);

  // The same from single rows.
  FakeTokenModel model(
      [] {
        ModelInfo info;
        info.context_size = 512;
        return info;
      }(),
      std::make_shared<FakeModelControl>());
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Chunk chunk{0, std::span(tokens).subspan(i, 1), false};
    const auto row = *model.evaluate({&chunk, 1});
    const double wanted = row[static_cast<std::size_t>(tokens[i + 1])] - *log_sum_exp(row);
    EXPECT_NEAR((*scores)[i], wanted, 1e-12);
  }
}

TEST_F(CoreEngineModelTest, ScoringDoesNotDisturbTheCache) {
  const auto to = ask("Hi");
  const Tokens wanted = answer(to).tokens;
  ASSERT_TRUE(engine_->score(Tokens{1, 2, 3}).ok());
  EXPECT_EQ(answer(to).tokens, wanted);
  EXPECT_EQ(engine_->score(Tokens{1})->size(), 0U);
}

TEST_F(CoreEngineModelTest, BadScoresAreRefused) {
  load(16);
  EXPECT_EQ(engine_->score(Tokens{}).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(engine_->score(Tokens{1, 100'000}).error().code, ErrorCode::invalid_argument);
  const Error error = engine_->score(Tokens(17, 1)).error();
  EXPECT_EQ(error.code, ErrorCode::context_exceeded);
  EXPECT_EQ(error.message, "the text has 17 tokens and the context holds 16");
  EXPECT_TRUE(engine_->score(Tokens(16, 1)).ok());
  control_->edit_row = [](std::span<float> row) { row[3] = std::nanf(""); };
  EXPECT_EQ(engine_->score(Tokens{1, 2}).error().code, ErrorCode::internal);
}

TEST_F(CoreEngineModelTest, EmbeddingsHaveLengthOne) {
  control_->embedding = {3, 0, -4};
  const auto embedded = engine_->embed(std::vector<std::string>{"Hi"});
  ASSERT_TRUE(embedded.ok()) << embedded.error().message;
  EXPECT_EQ(embedded->at(0).values, (std::vector<float>{0.6F, 0, -0.8F}));
  EXPECT_EQ(embedded->at(0).tokens, 3) << "with BOS";
  const auto to = ask("Hi");
  answer_with(to, "Paris");
  EXPECT_EQ(answer(to).text, "Paris") << "the model's sequence was overwritten";
}

TEST_F(CoreEngineModelTest, BadEmbeddingsAreRefused) {
  const auto refused = [&](std::vector<std::string> texts) {
    return engine_->embed(texts).error();
  };
  EXPECT_EQ(refused({"Hi"}).code, ErrorCode::unsupported);
  control_->embedding = {0, 0};
  EXPECT_EQ(refused({"Hi"}).code, ErrorCode::internal);
  EXPECT_EQ(refused({"\xFF"}).code, ErrorCode::invalid_argument);
  const Error error = refused({"Hi", std::string(600, 'a')});
  EXPECT_EQ(error.code, ErrorCode::context_exceeded);
  EXPECT_EQ(error.message.find("text 2 of 2 has 601 tokens"), 0U) << error.message;
}

TEST_F(CoreEngineModelTest, ManyTextsAreEmbeddedInStepsThatCanBeStopped) {
  control_->embedding = {1};
  const std::vector<std::string> texts(1000, "abcdefghi");  // 10 tokens each, with BOS
  std::vector<PromptProgress> seen;
  std::stop_source stop;
  const auto follow = [&](const PromptProgress& progress) {
    seen.push_back(progress);
    if (stop.stop_possible() && seen.size() == 3) stop.request_stop();
  };
  EXPECT_EQ(engine_->embed(texts, {stop.get_token(), follow}).error().code, ErrorCode::cancelled);
  EXPECT_EQ(seen,
            (std::vector<PromptProgress>{{0, 10'000, 0}, {510, 10'000, 0}, {1020, 10'000, 0}}));
  control_->embedded.clear();
  const auto all = engine_->embed(texts);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->size(), 1000U);
  EXPECT_EQ(control_->embedded.size(), 20U);
  EXPECT_EQ(control_->embedded.front(), 51U) << "about one step";
}

TEST_F(CoreEngineModelTest, AScoreTellsItsProgressAndStops) {
  std::vector<PromptProgress> seen;
  std::stop_source stop;
  const auto follow = [&](const PromptProgress& progress) {
    seen.push_back(progress);
    if (seen.size() == 2) stop.request_stop();
  };
  EXPECT_EQ(engine_->score(Tokens(200, 1), {stop.get_token(), follow}).error().code,
            ErrorCode::cancelled);
  EXPECT_EQ(seen, (std::vector<PromptProgress>{{0, 199, 0}, {64, 199, 0}}));
  seen.clear();
  EXPECT_TRUE(engine_->score(Tokens(200, 1), {{}, follow}).ok());
  EXPECT_EQ(seen.back(), (PromptProgress{199, 199, 0}));
}

TEST_F(CoreEngineModelTest, AnswersWithinAConstraint) {
  auto to = ask("Hi");
  to.sampling.temperature = 1;
  to.sampling.top_k = 0;
  to.sampling.top_p = 1;
  to.sampling.min_p = 0;
  to.max_tokens = 200;
  to.constraint = {Constraint::Kind::regex, "(red|green|blue), [0-9]{3}"};
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    to.sampling.seed = seed;
    const Answer result = answer(to);
    EXPECT_TRUE(std::regex_match(result.text, std::regex(to.constraint.text))) << result.text;
    EXPECT_EQ(result.finish, FinishReason::stop);
  }
  to.constraint = {Constraint::Kind::json_schema,
                   R"({"type":"object","properties":{"a":{"enum":[1,2]}},"required":["a"],
                       "additionalProperties":false})"};
  const auto json = nlohmann::json::parse(answer(to).text, nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_TRUE(json["a"] == 1 || json["a"] == 2);
}

TEST_F(CoreEngineModelTest, TheModelMayEndWhereTheConstraintMay) {
  auto to = ask("Hi");
  to.constraint = {Constraint::Kind::regex, "a+"};
  answer_with(to, "aa");
  const Answer result = answer(to);
  EXPECT_EQ(result.text, "aa");
  EXPECT_EQ(result.tokens.back(), FakeTokenizer::end_of_turn);
}

TEST_F(CoreEngineModelTest, BadConstraintsAreRefused) {
  auto to = ask("Hi");
  to.constraint = {Constraint::Kind::regex, "(a"};
  EXPECT_EQ(error_of(to).code, ErrorCode::invalid_argument);
  to.constraint = {Constraint::Kind::regex, "b"};
  to.sampling.logit_bias = {{'b', -std::numeric_limits<double>::infinity()}};
  const Error error = error_of(to);
  EXPECT_EQ(error.message, "logit_bias and the constraint together forbid every token");
  EXPECT_EQ(error.code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace tenfold
