// The model behind the generation core: positions, rewinds and errors.
#include "mlx_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "formats/runnable.h"
#include "generation/testing/model_calls.h"

namespace tenfold::mlx {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr const char* tiny = "tests/models/tiny-llama/mlx-4bit";

std::unique_ptr<TokenModel> open(const std::string& folder, int prefill_chunk = 256,
                                 const std::string& kernels = "exact") {
  LoadOptions options;
  options.threads = 2;
  options.engine_options["kernels"] = kernels;
  options.engine_options["prefill_chunk"] = std::int64_t{prefill_chunk};
  auto model = MlxModel::open(resolve_file(folder).value(), options, {});
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? std::move(model).value() : nullptr;
}

std::vector<TokenId> some_tokens(int count) {
  std::vector<TokenId> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back((7 * i * i + 3 * i + 5) % 512);
  return tokens;
}

TEST(MlxModel, AnyPiecesGiveTheSameLogits) {
  const auto tokens = some_tokens(300);  // more than the cache has room for at first
  const auto whole = logits(*open(tiny), tokens);
  for (const int chunk : {7, 300}) {
    EXPECT_THAT(logits(*open(tiny, chunk), tokens), Pointwise(FloatNear(1e-3F), whole)) << chunk;
  }
}

TEST(MlxModel, OurKernelsGiveWhatThoseOfMlxGive) {
  for (const char* folder :
       {"tests/models/tiny-llama/mlx-bf16", tiny, "tests/models/tiny-qwen3/mlx-4bit"}) {
    const auto tokens = some_tokens(70);
    const auto stock = logits(*open(folder, 32, "stock"), tokens, true);
    EXPECT_THAT(logits(*open(folder, 32, "exact"), tokens, true),
                Pointwise(FloatNear(2e-3F), stock))
        << folder;
    EXPECT_THAT(logits(*open(folder, 32, "own"), tokens, true), Pointwise(FloatNear(0.7F), stock))
        << folder;
  }
}

TEST(MlxModel, ThreadsCanBeChangedBetweenSteps) {
  const auto tokens = some_tokens(20);
  const auto model = open(tiny);
  const auto expected = logits(*model, tokens);
  for (const int count : {1, 3}) {
    Adjustment adjustment;
    adjustment.threads = count;
    ASSERT_TRUE(model->adjust(adjustment).ok());
    EXPECT_EQ(model->info().threads, count);
    model->rewind(0, 0).value();
    EXPECT_THAT(logits(*model, tokens), Pointwise(FloatNear(1e-3F), expected));
  }
}

TEST(MlxModel, EveryCallMayComeFromAnotherThread) {
  const auto tokens = some_tokens(12);
  const auto model = open(tiny);
  const auto expected = logits(*model, tokens);
  model->rewind(0, 0).value();
  std::vector<float> row;
  for (const TokenId token : tokens) {
    std::thread([&] { row = logits(*model, std::span(&token, 1)); }).join();
  }
  EXPECT_THAT(row, Pointwise(FloatNear(1e-3F), expected));
}

TEST(MlxModel, TwoModelsAtOnceDoNotMeet) {
  const auto tokens = some_tokens(40);
  const auto expected = logits(*open(tiny), tokens);
  const auto ask = [&] {
    const auto model = open(tiny);
    for (int i = 0; i < 3; ++i) {
      model->rewind(0, 0).value();
      EXPECT_EQ(logits(*model, tokens), expected);
    }
  };
  std::thread one(ask);
  std::thread other(ask);
  one.join();
  other.join();
}

TEST(MlxModel, AnInterruptEndsAPromptAndLosesNothingElse) {
  const auto tokens = some_tokens(200);
  const auto model = open(tiny);
  const auto expected = logits(*model, tokens);
  for (int delay = 0; delay < 5; ++delay) {
    model->rewind(0, 100).value();
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(delay));
      model->interrupt(true);
    });
    const Chunk chunk{0, std::span(tokens).subspan(100), false};
    const auto ended = model->evaluate({&chunk, 1});
    EXPECT_TRUE(ended.ok() || ended.error().code == ErrorCode::cancelled);
    other.join();
    model->interrupt(false);
    const auto kept = static_cast<std::size_t>(model->rewind(0, 150).value());
    EXPECT_THAT(logits(*model, std::span(tokens).subspan(kept)),
                Pointwise(FloatNear(1e-3F), expected));
  }
}

TEST(MlxModel, WhatIsNoTokenIsNotEmbeddedAndAnInterruptEndsIt) {
  const auto model = open(tiny);
  const std::vector<std::vector<TokenId>> wrong{{1, 512}};
  EXPECT_EQ(model->embed(wrong).error().code, ErrorCode::invalid_argument);
  const std::vector<std::vector<TokenId>> right{some_tokens(40)};
  model->interrupt(true);
  EXPECT_EQ(model->embed(right).error().code, ErrorCode::cancelled);
  model->interrupt(false);
  EXPECT_TRUE(model->embed(right).ok());
}

TEST(Pool, MakesOneVectorOfRows) {
  const std::vector<float> rows{1, 2, 3, -4, 5, 6};
  const std::pair<Pooling, std::vector<float>> cases[] = {{Pooling::mean, {9, 4}},
                                                          {Pooling::weighted_mean, {22, 12}},
                                                          {Pooling::first, {1, 2}},
                                                          {Pooling::last, {5, 6}},
                                                          {Pooling::max, {5, 6}}};
  for (const auto& [pooling, expected] : cases) {
    Pool pool(pooling, 2);
    pool.add(std::span(rows).first(4));
    pool.add(std::span(rows).subspan(4));
    EXPECT_EQ(pool.vector(), expected);
  }
}

TEST(MlxModel, SaysWhatItLoaded) {
  const ModelInfo info = open(tiny)->info();
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.parameters, 918656U);
  EXPECT_EQ(info.description, "llama 0.9M 4 bits in groups of 64");
  EXPECT_EQ(info.context_size, 1024);
}

TEST(MlxModel, ALoadThatNeedsTooMuchIsRefusedBeforeItTakesIt) {
  LoadOptions options;
  options.memory_limit = 1 << 20;
  const auto model = MlxModel::open(resolve_file(tiny).value(), options, {});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::out_of_memory);
}

TEST(MlxModel, ALoadCanBeCancelled) {
  const auto model =
      MlxModel::open(resolve_file(tiny).value(), {}, [](double share) { return share < 0.5; });
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace tenfold::mlx
