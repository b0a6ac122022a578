// What token engines give beside answers: score(), logprobs, prepare(), embed() and constraints.
#include <cmath>
#include <nlohmann/json.hpp>

#include "contract.h"

namespace tenfold::contract {
namespace {

using ModelContract = TokenContractTest;

// Batches of different sizes round differently.
constexpr double tolerance = 0.05;

TEST_F(ModelContract, LogprobsAreThoseOfScore) {
  Request request = ask("What is the capital of France?", 8);
  request.logprobs = 3;
  const Answer got = answer(request);
  ASSERT_EQ(got.logprobs.size(), got.tokens.size());
  std::vector<TokenId> all = engine_->prepare(request.prompt)->tokens;
  const std::size_t prompt = all.size();
  all.insert(all.end(), got.tokens.begin(), got.tokens.end());
  const auto scores = engine_->score(all);
  ASSERT_TRUE(scores.ok()) << scores.error().message;
  ASSERT_EQ(scores->size(), all.size() - 1);
  for (std::size_t i = 0; i < got.tokens.size(); ++i) {
    const TokenLogprob& logprob = got.logprobs[i];
    EXPECT_EQ(logprob.token, got.tokens[i]);
    EXPECT_LE(logprob.logprob, 1e-6);
    EXPECT_NEAR(logprob.logprob, (*scores)[prompt + i - 1], tolerance) << i;
    ASSERT_EQ(logprob.top.size(), 3U);
    EXPECT_EQ(logprob.top[0].token, logprob.token) << "greedy takes the most likely";
    EXPECT_GE(logprob.top[0].logprob, logprob.top[1].logprob);
    EXPECT_GE(logprob.top[1].logprob, logprob.top[2].logprob);
  }
}

TEST_F(ModelContract, ScoreChecksItsTokens) {
  EXPECT_TRUE(engine_->score(std::vector<TokenId>{1})->empty());
  EXPECT_EQ(engine_->score({}).error().code, ErrorCode::invalid_argument);
  const auto outside = engine_->score(std::vector<TokenId>{1, 1000000});
  ASSERT_FALSE(outside.ok());
  expect_error(outside.error(), ErrorCode::invalid_argument, "1000000");
  EXPECT_EQ(engine_->score(std::vector<TokenId>(300, 1)).error().code, ErrorCode::context_exceeded);
  const auto full = engine_->score(std::vector<TokenId>(256, 1));
  ASSERT_TRUE(full.ok()) << full.error().message;
  EXPECT_EQ(full->size(), 255U);
  for (const double score : *full) EXPECT_LE(score, 1e-6);
}

TEST_F(ModelContract, ScoreDoesNotChangeAnswers) {
  const Request request = ask("What is the capital of France?");
  const Answer before = answer(request);
  ASSERT_TRUE(engine_->score(std::vector<TokenId>{1, 2, 3}).ok());
  EXPECT_EQ(answer(request).tokens, before.tokens);
}

TEST_F(ModelContract, PrepareIsRepeatable) {
  const auto first = engine_->prepare(std::vector<Message>{{"user", "Hi"}});
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_FALSE(first->tokens.empty());
  EXPECT_EQ(engine_->prepare(std::vector<Message>{{"user", "Hi"}})->tokens, first->tokens);
  const auto ids = engine_->prepare(std::vector<TokenId>{1, 2});
  EXPECT_EQ(ids->tokens, (std::vector<TokenId>{1, 2}));
  EXPECT_EQ(ids->text, "");
}

TEST_F(ModelContract, EmbeddingsHaveNormOne) {
  const auto embed = [&](std::vector<std::string> texts) { return engine_->embed(texts); };
  const auto first = embed({"The sea is blue."});
  if (!engine_->capabilities().embeddings) {
    ASSERT_FALSE(first.ok());
    EXPECT_EQ(first.error().code, ErrorCode::unsupported);
    return;
  }
  ASSERT_TRUE(first.ok()) << first.error().message;
  double squares = 0;
  for (const float value : first->at(0).values) squares += static_cast<double>(value) * value;
  EXPECT_NEAR(squares, 1, 1e-4);
  EXPECT_GT(first->at(0).tokens, 2);
  EXPECT_EQ(embed({"The sea is blue."})->at(0).values, first->at(0).values);
  EXPECT_NE(embed({"Two and two are four."})->at(0).values, first->at(0).values);
  std::string text;
  for (int i = 0; i < 400; ++i) text += "word ";
  EXPECT_EQ(embed({text}).error().code, ErrorCode::context_exceeded);
  const Request request = ask("What is the capital of France?");
  const Answer before = answer(request);
  ASSERT_TRUE(embed({"Something else."}).ok());
  EXPECT_EQ(answer(request).tokens, before.tokens);
}

class ConstraintContract : public TokenContractTest {
 protected:
  std::string constrained(Constraint constraint, int max_tokens = 100) {
    Request request = ask("What is the capital of France?", max_tokens);
    request.constraint = std::move(constraint);
    const Answer got = answer(request);
    EXPECT_EQ(to_string(got.finish), "stop") << got.text;
    return got.text;
  }
};

TEST_F(ConstraintContract, JsonSchema) {
  const std::string text =
      constrained({Constraint::Kind::json_schema,
                   R"({"type":"object","properties":{"city":{"enum":["Paris","Rome"]},
           "large":{"type":"boolean"}},"required":["city","large"],"additionalProperties":false})"});
  const auto json = nlohmann::json::parse(text, nullptr, false);
  ASSERT_TRUE(json.is_object()) << text;
  EXPECT_EQ(json.size(), 2U);
  EXPECT_TRUE(json["city"] == "Paris" || json["city"] == "Rome");
  EXPECT_TRUE(json["large"].is_boolean());
}

TEST_F(ConstraintContract, RegularExpression) {
  const std::string text = constrained({Constraint::Kind::regex, "[0-9]{3}-[a-f]{2}"});
  EXPECT_THAT(text, testing::MatchesRegex("[0-9]{3}-[a-f]{2}"));
}

TEST_F(ConstraintContract, Lark) {
  const std::string text = constrained({Constraint::Kind::lark, "start: (\"yes\" | \"no\") \"!\""});
  EXPECT_TRUE(text == "yes!" || text == "no!") << text;
}

TEST_F(ConstraintContract, RefusesWhatCannotBeCompiled) {
  for (const auto& [kind, text] : std::vector<std::pair<Constraint::Kind, std::string>>{
           {Constraint::Kind::json_schema, "{"},
           {Constraint::Kind::json_schema, R"({"type":"nothing"})"},
           {Constraint::Kind::regex, "("},
           {Constraint::Kind::lark, "start: missing"}}) {
    Request request = ask("Hi");
    request.constraint = {kind, text};
    const auto result = engine_->generate(request);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(to_string(result.error().code), "invalid_argument") << result.error().message;
  }
}

}  // namespace
}  // namespace tenfold::contract
