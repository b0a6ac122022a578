// Evaluation on the tiny models: answers, pieces, rewinding, interrupting.
#include "executorch_model.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "testing/program_fixture.h"

namespace tenfold::executorch {
namespace {

using ::testing::HasSubstr;

nlohmann::json reference(const std::string& model, const std::string& kind) {
  std::ifstream file("tests/models/reference.json");
  return nlohmann::json::parse(file)["models"][model][kind];
}

class ExecutorchModelTest : public ProgramFixture {
 protected:
  static std::vector<TokenId> continue_greedily(TokenModel& model,
                                                const std::vector<TokenId>& prompt,
                                                std::size_t count) {
    EXPECT_EQ(*model.rewind(0, 0), 0);
    std::vector<TokenId> answer{best(logits(model, prompt))};
    while (answer.size() < count) answer.push_back(best(logits(model, {&answer.back(), 1})));
    return answer;
  }

  static void expect_answers(const std::string& path, const std::string& name,
                             const std::string& kind, const std::string& answer) {
    const auto model = open(path);
    ASSERT_NE(model, nullptr);
    const auto cases = reference(name, kind);
    ASSERT_GE(cases.size(), 20U);
    for (const auto& one : cases) {
      const std::vector<TokenId> want = one[answer];
      EXPECT_EQ(continue_greedily(*model, one["prompt_ids"], want.size()), want)
          << path << ": " << one["prompt"];
    }
  }

  /// A dialogue of more than 200 tokens.
  static std::vector<TokenId> long_prompt() {
    std::vector<TokenId> longest;
    const auto cases = reference("tiny-llama", "known");
    for (const auto& known : cases) {
      const std::vector<TokenId> ids = known["prompt_ids"];
      if (ids.size() > longest.size()) longest = ids;
    }
    return longest;
  }
};

TEST_F(ExecutorchModelTest, GivesTheKnownAnswers) {
  expect_answers(tiny_llama, "tiny-llama", "known", "answer_ids");
  expect_answers(tiny_llama_8da4w, "tiny-llama", "known", "answer_ids");
  expect_answers(tiny_qwen3, "tiny-qwen3", "known", "answer_ids");
}

TEST_F(ExecutorchModelTest, ContinuesFreeTextAsTheReferenceDoes) {
  expect_answers(tiny_llama, "tiny-llama", "free", "ids");
  expect_answers(tiny_qwen3, "tiny-qwen3", "free", "ids");
}

TEST_F(ExecutorchModelTest, FillsModelInfo) {
  const auto model = open(tiny_llama);
  ASSERT_NE(model, nullptr);
  const ModelInfo& info = model->info();
  EXPECT_EQ(info.format, "pte");
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.description, "llama for XnnpackBackend");
  EXPECT_EQ(info.context_size, 1024);
  EXPECT_EQ(info.vocabulary_size, 512);
  EXPECT_EQ(info.weight_bytes, std::filesystem::file_size(tiny_llama));
  EXPECT_THAT(info.chat_template, HasSubstr("add_generation_prompt"));
  EXPECT_TRUE(model->tokenizer().is_end_of_generation(2));
  EXPECT_EQ(model->tokenizer().bos_text(), "<|bos|>");
}

TEST_F(ExecutorchModelTest, SameLogitsHoweverTheTokensAreCut) {
  const auto tokens = long_prompt();
  ASSERT_GT(tokens.size(), 200U);
  for (const std::string& path : {tiny_llama, tiny_llama_llm, tiny_qwen3}) {
    const auto whole = open(path);
    const auto pieces = open(path, {.engine_options = {{"prefill_chunk", std::int64_t{7}}}});
    ASSERT_TRUE(whole != nullptr && pieces != nullptr);
    const auto last = logits(*whole, tokens);
    ASSERT_EQ(last.size(), 512U);
    expect_near(logits(*pieces, tokens), last);

    ASSERT_EQ(*whole->rewind(0, 0), 0);
    const auto all = logits(*whole, tokens, true);
    ASSERT_EQ(all.size(), tokens.size() * 512);
    expect_near({all.end() - 512, all.end()}, last);
    ASSERT_EQ(*pieces->rewind(0, 0), 0);
    expect_near(logits(*pieces, tokens, true), all);
  }
}

TEST_F(ExecutorchModelTest, ARingIsBegunAnew) {
  const auto model = open("tests/models/tiny-llama/executorch-llm-ring/model.pte");
  ASSERT_NE(model, nullptr);
  const auto tokens = long_prompt();
  const std::span<const TokenId> view(tokens);
  const auto whole = logits(*model, view.first(100));
  EXPECT_EQ(*model->rewind(0, 100), 100);
  EXPECT_EQ(*model->rewind(0, 99), 0);
  expect_near(logits(*model, view.first(100)), whole);
}

/// See tools/export/executorch_small_programs.py: the next token is half this one and half the
/// state.
TEST_F(ExecutorchModelTest, AStateIsBegunAnew) {
  const auto model = open(small("averaging.pte"));
  ASSERT_NE(model, nullptr);
  const auto next = [&](std::vector<TokenId> tokens) {
    const auto rows = logits(*model, tokens);
    return std::ranges::max_element(rows) - rows.begin();
  };
  EXPECT_EQ(next({100, 200}), 125);
  EXPECT_EQ(*model->rewind(0, 2), 2);
  EXPECT_EQ(next({25}), 75) << "it goes on";
  EXPECT_EQ(*model->rewind(0, 1), 0) << "what the state was is not known";
  EXPECT_EQ(next({100, 200}), 125);
}

/// The next token is the sum of all so far; one of 256 or more is added before the program fails.
TEST_F(ExecutorchModelTest, BeginsAnewAfterAFailure) {
  const auto model = open(small("sum.pte"));
  ASSERT_NE(model, nullptr);
  const std::vector<TokenId> known{10, 20};
  EXPECT_EQ(best(logits(*model, known)), 30);
  const TokenId outside = 512;
  const Chunk refused{0, {&outside, 1}};
  EXPECT_FALSE(model->evaluate({&refused, 1}).ok());
  EXPECT_EQ(*model->rewind(0, 2), 2) << "the program has not run";
  const TokenId too_large = 300;
  const Chunk failing{0, {&too_large, 1}};
  const auto failed = model->evaluate({&failing, 1});
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().message, HasSubstr("names position 1"));
  EXPECT_EQ(*model->rewind(0, 2), 0) << "the sum is another already";
  EXPECT_EQ(best(logits(*model, known)), 30);
  EXPECT_EQ(best(logits(*model, std::vector<TokenId>{5})), 35);
}

TEST_F(ExecutorchModelTest, RewindsAndContinues) {
  const auto tokens = long_prompt();
  const std::span<const TokenId> view(tokens);
  for (const std::string& path : {tiny_llama, tiny_llama_llm, tiny_qwen3}) {
    const auto model = open(path);
    ASSERT_NE(model, nullptr);
    const auto whole = logits(*model, tokens);
    logits(*model, view.first(50));
    EXPECT_EQ(*model->rewind(0, 60), 60);
    expect_near(logits(*model, view.subspan(60)), whole);
    EXPECT_EQ(*model->rewind(0, 100000), static_cast<int>(tokens.size()));
    EXPECT_EQ(model->rewind(1, 0).error().code, ErrorCode::invalid_argument);
  }
}

TEST_F(ExecutorchModelTest, FillsTheWholeContextAndNoMore) {
  const auto model = open(tiny_llama);
  ASSERT_NE(model, nullptr);
  const std::vector<TokenId> full(1024, 300);
  EXPECT_EQ(logits(*model, full).size(), 512U);
  const Chunk more{0, {full.data(), 1}};
  const auto refused = model->evaluate({&more, 1});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::context_exceeded);
  EXPECT_THAT(refused.error().message, HasSubstr("1025 tokens"));
}

TEST_F(ExecutorchModelTest, RefusesTokensOutsideTheVocabulary) {
  const auto model = open(tiny_llama);
  ASSERT_NE(model, nullptr);
  const std::vector<TokenId> outside{1, 512};
  const Chunk chunk{0, outside};
  EXPECT_EQ(model->evaluate({&chunk, 1}).error().code, ErrorCode::invalid_argument);
}

TEST_F(ExecutorchModelTest, StopsBetweenPiecesWhenInterrupted) {
  const auto model = open(tiny_llama, {.engine_options = {{"prefill_chunk", std::int64_t{1}}}});
  ASSERT_NE(model, nullptr);
  const std::vector<TokenId> tokens(1000, 300);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    model->interrupt(true);
  });
  const Chunk chunk{0, tokens};
  const auto result = model->evaluate({&chunk, 1});
  other.join();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::cancelled);
  EXPECT_FALSE(model->evaluate({&chunk, 1}).ok()) << "it is not for the model to take it back";
  model->interrupt(false);
  EXPECT_EQ(*model->rewind(0, 0), 0);
  EXPECT_EQ(logits(*model, {tokens.data(), 1}).size(), 512U);
}

TEST_F(ExecutorchModelTest, RunsAProgramThatTakesOneTokenAtATime) {
  const auto model = open(small("one_by_one.pte"));
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->info().context_size, 64);
  EXPECT_EQ(model->info().description, "unknown for portable operators");
  const std::vector<TokenId> tokens{7, 300, 9};
  EXPECT_EQ(best(logits(*model, tokens)), 10);
  const auto all = logits(*model, tokens, true);
  ASSERT_EQ(all.size(), 3U * 512);
  EXPECT_EQ(best({all.begin() + 512, all.begin() + 1024}), 301);
  const std::vector<TokenId> rest(58, 1);
  EXPECT_EQ(best(logits(*model, rest)), 2);
  const Chunk more{0, {rest.data(), 1}};
  EXPECT_EQ(model->evaluate({&more, 1}).error().code, ErrorCode::context_exceeded);
}

TEST_F(ExecutorchModelTest, RunsAProgramThatTakesNoFewerThanFourTokens) {
  const auto model = open(small("four_by_four.pte"));
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->info().context_size, 61);
  const std::vector<TokenId> tokens{7, 300, 9, 4, 20};
  EXPECT_EQ(best(logits(*model, tokens)), 21);
  ASSERT_EQ(*model->rewind(0, 0), 0);
  const auto all = logits(*model, tokens, true);
  ASSERT_EQ(all.size(), 5U * 512);
  EXPECT_EQ(best({all.end() - 512, all.end()}), 21);
  EXPECT_EQ(best({all.begin() + 512, all.begin() + 1024}), 301);
  const std::vector<TokenId> rest(56, 1);
  EXPECT_EQ(best(logits(*model, rest)), 2);
}

TEST_F(ExecutorchModelTest, RunsAProgramWithShorterLogits) {
  const auto model = open(small("half_logits.pte"));
  ASSERT_NE(model, nullptr);
  const auto row = logits(*model, std::vector<TokenId>{7});
  EXPECT_EQ(best(row), 8);
  EXPECT_EQ(row[8], 1);
}

TEST_F(ExecutorchModelTest, ModelsInOneProcessShareTheirThreads) {
  const auto first = open(tiny_llama, {.threads = 2, .engine_options = {}});
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->info().threads, 2);
  const auto second = open(tiny_llama, {.threads = 2, .engine_options = {}});
  ASSERT_NE(second, nullptr);
  const std::vector<TokenId> tokens{1, 4, 316};
  EXPECT_EQ(logits(*first, tokens), logits(*second, tokens));
  const auto other = try_open(tiny_llama, {.threads = 1, .engine_options = {}});
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::busy);
  EXPECT_THAT(other.error().message, HasSubstr("threads is 1"));
}

}  // namespace
}  // namespace tenfold::executorch
