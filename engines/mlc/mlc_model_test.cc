// The model behind the generation core: positions, rewinds, sequences and errors.
#include "mlc_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "formats/runnable.h"
#include "generation/testing/model_calls.h"

namespace tenfold::mlc {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr const char* tiny = "tests/models/tiny-llama/mlc-q0f32";

std::unique_ptr<TokenModel> open(const std::string& folder, int prefill_chunk = 256,
                                 int sequences = 1) {
  LoadOptions options;
  options.threads = 2;
  options.sequences = sequences;
  options.engine_options["prefill_chunk"] = std::int64_t{prefill_chunk};
  auto model = MlcModel::open(resolve_file(folder).value(), options, {});
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? std::move(model).value() : nullptr;
}

std::vector<TokenId> some_tokens(int count, int seed = 0) {
  std::vector<TokenId> tokens;
  for (int i = seed; i < seed + count; ++i) tokens.push_back((7 * i * i + 3 * i + 5) % 512);
  return tokens;
}

std::vector<float> evaluated(TokenModel& model, std::span<const Chunk> chunks) {
  const auto rows = model.evaluate(chunks);
  EXPECT_TRUE(rows.ok()) << rows.error().message;
  if (!rows.ok()) return {};
  return {rows->begin(), rows->end()};
}

TEST(MlcModel, AnyPiecesGiveTheSameLogits) {
  const auto tokens = some_tokens(300);
  const auto whole = logits(*open(tiny), tokens);
  for (const int chunk : {7, 300}) {
    EXPECT_THAT(logits(*open(tiny, chunk), tokens), Pointwise(FloatNear(1e-3F), whole)) << chunk;
  }
}

TEST(MlcModel, AllPositionsGiveWhatTheLastOnesGive) {
  const auto tokens = some_tokens(20);
  const auto all = logits(*open(tiny, 8), tokens, true);
  ASSERT_EQ(all.size(), 20U * 512);
  const auto model = open(tiny);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto row = std::span(all).subspan(i * 512, 512);
    EXPECT_THAT(logits(*model, std::span(tokens).subspan(i, 1)),
                Pointwise(FloatNear(1e-3F), std::vector(row.begin(), row.end())));
  }
}

TEST(MlcModel, SequencesComputedTogetherDoNotMeet) {
  const auto a = some_tokens(30);
  const auto b = some_tokens(11, 100);
  const auto c = some_tokens(3, 200);
  std::vector<float> expected;
  for (const auto& tokens : {a, b, c}) {
    const auto row = logits(*open(tiny), tokens);
    expected.insert(expected.end(), row.begin(), row.end());
  }
  for (const int chunk : {4, 16, 256}) {
    const auto model = open(tiny, chunk, 3);
    ASSERT_EQ(model->max_sequences(), 3);
    // One has most of its tokens already, and each comes in a place of its own.
    const std::span first(a);
    evaluated(*model, std::array{Chunk{2, first.first(29)}});
    const auto rows =
        evaluated(*model, std::array{Chunk{2, first.subspan(29)}, Chunk{0, b}, Chunk{1, c}});
    EXPECT_THAT(rows, Pointwise(FloatNear(1e-3F), expected)) << chunk;
    // All of them one token each.
    const auto next = some_tokens(3, 300);
    std::vector<float> alone;
    for (const auto* tokens : {&a, &b, &c}) {
      auto longer = *tokens;
      longer.push_back(next[0]);
      const auto row = logits(*open(tiny), longer);
      alone.insert(alone.end(), row.begin(), row.end());
    }
    const std::span one(next.data(), 1);
    EXPECT_THAT(evaluated(*model, std::array{Chunk{2, one}, Chunk{0, one}, Chunk{1, one}}),
                Pointwise(FloatNear(1e-3F), alone))
        << chunk;
  }
}

TEST(MlcModel, AllPositionsOfOneAmongOthersComeInTheirPlace) {
  const auto a = some_tokens(5);
  const auto b = some_tokens(6, 50);
  const auto model = open(tiny, 4, 3);
  const auto rows = evaluated(*model, std::array{Chunk{0, a}, Chunk{1, b, true}, Chunk{2, a}});
  ASSERT_EQ(rows.size(), 8U * 512);
  const auto last = logits(*open(tiny), a);
  EXPECT_THAT(std::vector(rows.begin(), rows.begin() + 512), Pointwise(FloatNear(1e-3F), last));
  EXPECT_THAT(std::vector(rows.end() - 512, rows.end()), Pointwise(FloatNear(1e-3F), last));
  EXPECT_THAT(std::vector(rows.begin() + 512, rows.end() - 512),
              Pointwise(FloatNear(1e-3F), logits(*open(tiny), b, true)));
}

TEST(MlcModel, RewindsToAnyLength) {
  const auto tokens = some_tokens(60);
  const auto model = open(tiny);
  const auto expected = logits(*model, tokens);
  EXPECT_EQ(model->rewind(0, 61).value(), 60);
  for (const int length : {59, 48, 33, 16, 1, 0}) {
    EXPECT_EQ(model->rewind(0, length).value(), length);
    logits(*model, some_tokens(3, 400));
    EXPECT_EQ(model->rewind(0, length).value(), length);
    EXPECT_THAT(logits(*model, std::span(tokens).subspan(static_cast<std::size_t>(length))),
                Pointwise(FloatNear(1e-3F), expected))
        << length;
  }
}

TEST(MlcModel, ACopyIsASequenceOfItsOwn) {
  const auto tokens = some_tokens(40);
  const auto model = open(tiny, 256, 3);
  logits(*model, tokens);
  for (const int length : {40, 35, 16, 5}) {
    EXPECT_EQ(model->copy(0, 2, length).value(), length);
    auto other = std::vector(tokens.begin(), tokens.begin() + length);
    const auto more = some_tokens(4, 300);
    other.insert(other.end(), more.begin(), more.end());
    EXPECT_THAT(evaluated(*model, std::array{Chunk{2, more}}),
                Pointwise(FloatNear(1e-3F), logits(*open(tiny), other)))
        << length;
  }
  // The first is as it was, and the copy's copy outlives what it came from.
  EXPECT_EQ(model->copy(2, 1, 9).value(), 9);
  model->rewind(2, 0).value();
  model->rewind(0, 0).value();
  auto left = std::vector(tokens.begin(), tokens.begin() + 5);
  const auto more = some_tokens(4, 300);
  left.insert(left.end(), more.begin(), more.end());
  const std::span next(tokens.data(), 1);
  left.push_back(next.front());
  EXPECT_THAT(evaluated(*model, std::array{Chunk{1, next}}),
              Pointwise(FloatNear(1e-3F), logits(*open(tiny), left)));
}

TEST(MlcModel, EverySequenceCanFillItsContext) {
  LoadOptions options;
  options.context_size = 100;
  options.sequences = 4;
  const auto model = MlcModel::open(resolve_file(tiny).value(), options, {}).value();
  const auto tokens = some_tokens(100);
  const std::span all(tokens);
  evaluated(*model, std::array{Chunk{0, all.first(50)}});
  for (int i = 1; i < 4; ++i) EXPECT_EQ(model->copy(0, i, 50 - i).value(), 50 - i);
  for (int i = 0; i < 4; ++i) {
    evaluated(*model, std::array{Chunk{i, all.subspan(static_cast<std::size_t>(50 - i))}});
  }
  const auto more = model->evaluate(std::array{Chunk{3, all.first(1)}});
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code, ErrorCode::context_exceeded);
}

TEST(MlcModel, CallsThatMakeNoSenseAreRefusedAndHarmNothing) {
  const auto tokens = some_tokens(10);
  const auto model = open(tiny);
  const auto expected = logits(*open(tiny), tokens);
  logits(*model, std::span(tokens).first(9));
  const auto code = [&](std::vector<Chunk> chunks) {
    const auto rows = model->evaluate(chunks);
    return rows.ok() ? ErrorCode::internal : rows.error().code;
  };
  const std::vector<TokenId> beyond{1, 512};
  const std::vector<TokenId> negative{-1};
  EXPECT_EQ(code({}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({{0, {}}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({{1, tokens}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({{0, beyond}}), ErrorCode::invalid_argument);
  EXPECT_EQ(code({{0, negative}}), ErrorCode::invalid_argument);
  EXPECT_FALSE(model->rewind(1, 0).ok());
  EXPECT_FALSE(model->rewind(0, -1).ok());
  EXPECT_THAT(logits(*model, std::span(tokens).last(1)), Pointwise(FloatNear(1e-3F), expected));
}

TEST(MlcModel, ThreadsCanBeChangedBetweenSteps) {
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

TEST(MlcModel, EveryCallMayComeFromAnotherThread) {
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

TEST(MlcModel, TwoModelsAtOnceDoNotMeet) {
  const auto tokens = some_tokens(40);
  const auto expected = logits(*open(tiny), tokens);
  const auto ask = [&] {
    const auto model = open(tiny);
    for (int i = 0; i < 3; ++i) {
      model->rewind(0, 0).value();
      EXPECT_THAT(logits(*model, tokens), Pointwise(FloatNear(1e-3F), expected));
    }
  };
  std::thread one(ask);
  std::thread other(ask);
  one.join();
  other.join();
}

TEST(MlcModel, AnInterruptEndsAPromptAndLosesNothingElse) {
  const auto tokens = some_tokens(200);
  const auto model = open(tiny, 8);
  const auto expected = logits(*model, tokens);
  for (int delay = 0; delay < 4; ++delay) {
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

TEST(MlcModel, SaysWhatItLoaded) {
  const ModelInfo info = open("tests/models/tiny-llama/mlc-q4f32_1")->info();
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.parameters, 918656U);
  EXPECT_EQ(info.description, "llama 0.9M q4f32_1");
  EXPECT_EQ(info.context_size, 1024);
  EXPECT_EQ(info.threads, 2);
}

TEST(MlcModel, ALoadThatNeedsTooMuchIsRefusedBeforeItTakesIt) {
  LoadOptions options;
  options.memory_limit = 1 << 20;
  const auto model = MlcModel::open(resolve_file(tiny).value(), options, {});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::out_of_memory);
}

TEST(MlcModel, ALoadCanBeCancelled) {
  const auto model =
      MlcModel::open(resolve_file(tiny).value(), {}, [](double share) { return share < 0.5; });
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::cancelled);
}

}  // namespace
}  // namespace tenfold::mlc
