// LlamaModel on small models of each family: batching, rewinding, interrupting, embeddings.
#include "llama_model.h"

#include <cmath>
#include <thread>

#include "base/machine.h"
#include "formats/gguf_types.h"
#include "testing/model_fixture.h"

namespace tenfold::llama_cpp {
namespace {

using ::testing::HasSubstr;
using LlamaModelTest = ModelFixture;

TEST_F(LlamaModelTest, FillsModelInfo) {
  const auto model = open(small_llama());
  ASSERT_NE(model, nullptr);
  const ModelInfo& info = model->info();
  EXPECT_EQ(info.format, "gguf");
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.context_size, 128);
  EXPECT_EQ(info.trained_context_size, 128);
  EXPECT_EQ(info.threads, 1);
  EXPECT_EQ(info.vocabulary_size, model->tokenizer().vocabulary_size());
  EXPECT_EQ(info.chat_template, "{{ messages[0].content }}");
  EXPECT_THAT(info.description, HasSubstr("llama"));
  EXPECT_GT(info.parameters, 10000U);
  EXPECT_EQ(info.weight_bytes, info.parameters * 4);
  EXPECT_GT(info.load_seconds, 0);
}

TEST_F(LlamaModelTest, SameLogitsHoweverTheTokensAreCut) {
  const auto model = open(small_llama());
  const auto small_batches =
      open(small_llama(), {.engine_options = {{"batch_size", std::int64_t{5}}}});
  const auto tokens = some_tokens(23);
  const auto width = static_cast<std::size_t>(model->info().vocabulary_size);

  const auto whole = logits(*model, tokens, 0, true);
  ASSERT_EQ(whole.size(), tokens.size() * width);
  expect_near(logits(*small_batches, tokens, 0, true), whole);

  ASSERT_EQ(*model->rewind(0, 0), 0);
  const std::vector<float> last(whole.end() - static_cast<std::ptrdiff_t>(width), whole.end());
  expect_near(logits(*model, tokens), last);
  ASSERT_EQ(*model->rewind(0, 0), 0);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) logits(*model, {&tokens[i], 1});
  expect_near(logits(*model, {&tokens.back(), 1}), last);
  ASSERT_EQ(*small_batches->rewind(0, 0), 0);
  expect_near(logits(*small_batches, tokens), last);
}

TEST_F(LlamaModelTest, SeveralSequencesInOneBatch) {
  const auto model = open(small_llama(), {.sequences = 3, .engine_options = {}});
  const auto alone = open(small_llama());
  EXPECT_EQ(model->max_sequences(), 3);
  const auto first = some_tokens(9);
  const std::vector<TokenId> second = {270, 271};
  const Chunk chunks[] = {{2, first}, {0, second, true}};
  const auto rows = model->evaluate(chunks);
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  const auto width = static_cast<std::size_t>(model->info().vocabulary_size);
  ASSERT_EQ(rows->size(), 3 * width);
  const std::vector<float> got(rows->begin(), rows->end());
  auto expected = logits(*alone, first);
  ASSERT_EQ(*alone->rewind(0, 0), 0);
  const auto more = logits(*alone, second, 0, true);
  expected.insert(expected.end(), more.begin(), more.end());
  expect_near(got, expected);
  EXPECT_EQ(*model->rewind(0, 5), 2) << "cannot grow";
  EXPECT_EQ(*model->rewind(2, 5), 5);
  EXPECT_EQ(*model->rewind(1, 5), 0);
}

TEST_F(LlamaModelTest, EachSequenceHasTheWholeContext) {
  const auto model =
      open(small_llama(), {.context_size = 64, .sequences = 3, .engine_options = {}});
  const auto alone = open(small_llama(), {.context_size = 64, .engine_options = {}});
  const auto tokens = some_tokens(64);
  const auto expected = logits(*alone, tokens);
  for (int sequence = 0; sequence < 3; ++sequence) {
    const Chunk chunk{sequence, tokens};
    const auto rows = model->evaluate({&chunk, 1});
    ASSERT_TRUE(rows.ok()) << rows.error().message;
    expect_near({rows->begin(), rows->end()}, expected);
  }
}

TEST_F(LlamaModelTest, CopiesAPrefixToAnotherSequence) {
  const auto model = open(small_llama(), {.sequences = 2, .engine_options = {}});
  const auto tokens = some_tokens(20);
  const auto expected = logits(*model, tokens);
  const Chunk other{1, std::span(tokens).first(3)};
  ASSERT_TRUE(model->evaluate({&other, 1}).ok());
  ASSERT_EQ(*model->copy(0, 1, 12), 12);
  ASSERT_EQ(*model->rewind(0, 0), 0) << "the copy stays";
  const Chunk rest{1, std::span(tokens).subspan(12)};
  const auto rows = model->evaluate({&rest, 1});
  ASSERT_TRUE(rows.ok()) << rows.error().message;
  expect_near({rows->begin(), rows->end()}, expected);
}

/// A context holds on to the threads it last computed with, which must not be gone by then.
TEST_F(LlamaModelTest, ThreadsChangeAgainAndAgain) {
  const auto model = open(small_llama());
  const auto tokens = some_tokens(20);
  const auto expected = logits(*model, tokens);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(model->adjust({1 + i % 3}).ok());
    if (i % 5 == 0) {
      ASSERT_TRUE(model->embed(std::vector<std::vector<TokenId>>{tokens}).ok());
    }
    if (i % 3 != 0) continue;
    ASSERT_EQ(*model->rewind(0, 7), 7);
    expect_near(logits(*model, std::span(tokens).subspan(7)), expected);
  }
}

TEST_F(LlamaModelTest, ThreadsChangeWhileItIsLoaded) {
  const auto model = open(small_llama());
  const auto tokens = some_tokens(20);
  const auto expected = logits(*model, tokens);
  for (const int threads : {3, 1, 3, 0}) {
    ASSERT_TRUE(model->adjust({threads}).ok());
    EXPECT_EQ(model->info().threads, threads > 0 ? threads : usable_cores());
    ASSERT_EQ(*model->rewind(0, 7), 7);
    expect_near(logits(*model, std::span(tokens).subspan(7)), expected);
    EXPECT_TRUE(model->embed(std::vector<std::vector<TokenId>>{tokens}).ok());
  }
}

TEST_F(LlamaModelTest, RewindsToAPrefix) {
  const auto model = open(small_llama());
  const auto tokens = some_tokens(20);
  const auto expected = logits(*model, tokens);
  ASSERT_EQ(*model->rewind(0, 7), 7);
  expect_near(logits(*model, std::span(tokens).subspan(7)), expected);
  EXPECT_FALSE(model->rewind(1, 0).ok());
  EXPECT_FALSE(model->rewind(0, -1).ok());
}

TEST_F(LlamaModelTest, RecurrentModelsStartOver) {
  const auto model = open(small_mamba());
  ASSERT_NE(model, nullptr);
  const auto tokens = some_tokens(20);
  const auto expected = logits(*model, tokens);
  EXPECT_EQ(*model->rewind(0, 20), 20) << "nothing to forget";
  EXPECT_EQ(*model->rewind(0, 19), 0);
  expect_near(logits(*model, tokens), expected);
}

TEST_F(LlamaModelTest, SlidingWindowsRewindOnlyWhatTheyHold) {
  const LoadOptions options{.context_size = 1024,
                            .engine_options = {{"micro_batch_size", std::int64_t{16}}}};
  const auto model = open(small_gemma3(), options);
  ASSERT_NE(model, nullptr);
  const auto tokens = some_tokens(700);
  const auto expected = logits(*model, tokens);
  ASSERT_EQ(*model->rewind(0, 690), 690);
  expect_near(logits(*model, std::span(tokens).subspan(690)), expected);
  // The window's cache holds the last few hundred positions only.
  ASSERT_EQ(*model->rewind(0, 20), 0);
  expect_near(logits(*model, tokens), expected);
}

TEST_F(LlamaModelTest, NamesBadArguments) {
  const auto model = open(small_llama());
  const auto fails = [&](const Chunk& chunk, ErrorCode code, std::string_view message) {
    const auto rows = model->evaluate({&chunk, 1});
    ASSERT_FALSE(rows.ok());
    EXPECT_EQ(rows.error().code, code);
    EXPECT_THAT(rows.error().message, HasSubstr(std::string(message)));
  };
  const std::vector<TokenId> good = {5};
  const std::vector<TokenId> bad = {5, 100000};
  const auto many = some_tokens(129);
  fails({0, bad}, ErrorCode::invalid_argument, "token id 100000");
  fails({1, good}, ErrorCode::invalid_argument, "sequence 1");
  fails({0, {}}, ErrorCode::invalid_argument, "no tokens");
  fails({0, many}, ErrorCode::context_exceeded, "129 tokens do not fit the context of 128");
  EXPECT_FALSE(model->evaluate({}).ok());
  EXPECT_TRUE(logits(*model, good).size() > 0) << "still usable";
}

TEST_F(LlamaModelTest, InterruptEndsARunningEvaluation) {
  for (const bool recurrent : {false, true}) {
    const auto model = open(recurrent ? small_mamba() : small_gemma3(),
                            {.context_size = recurrent ? 256 : 2048, .engine_options = {}});
    const auto tokens = some_tokens(recurrent ? 256 : 2048);
    const auto expected = logits(*model, std::span(tokens).first(5));
    const auto rest = std::span(tokens).subspan(5);
    std::jthread other([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) model->interrupt(true);
    });
    // On a busy machine an evaluation can end before the other thread gets a turn.
    const Chunk chunk{0, rest};
    auto rows = model->evaluate({&chunk, 1});
    for (int attempt = 0; rows.ok() && attempt < 100; ++attempt) {
      const int kept = *model->rewind(0, 5);
      const Chunk again{0, std::span(tokens).subspan(static_cast<std::size_t>(kept))};
      rows = model->evaluate({&again, 1});
    }
    other.request_stop();
    other.join();
    EXPECT_FALSE(model->evaluate({&chunk, 1}).ok()) << "it is not for the model to take it back";
    model->interrupt(false);
    ASSERT_FALSE(rows.ok());
    EXPECT_EQ(rows.error().code, ErrorCode::cancelled);
    const int kept = *model->rewind(0, 4);
    EXPECT_TRUE(kept == 0 || kept == 4) << kept;
    expect_near(logits(*model, std::span(tokens).subspan(static_cast<std::size_t>(kept),
                                                         static_cast<std::size_t>(5 - kept))),
                expected);
  }
}

TEST_F(LlamaModelTest, EmbedsOneText) {
  for (const auto& builder : {small_llama(), small_bert(), small_mamba()}) {
    const auto model = open(builder);
    ASSERT_NE(model, nullptr);
    const auto embed = [&](const std::vector<TokenId>& tokens) {
      return model->embed(std::span(&tokens, 1));
    };
    const auto vector = embed(some_tokens(12));
    ASSERT_TRUE(vector.ok()) << vector.error().message;
    ASSERT_EQ(vector->size(), 1U);
    EXPECT_EQ(vector->front().size(), 32U);
    EXPECT_EQ(*embed(some_tokens(12)), *vector);
    EXPECT_NE(*embed(some_tokens(3)), *vector);
    EXPECT_FALSE(embed({}).ok());
    EXPECT_EQ(embed(some_tokens(500)).error().code, ErrorCode::context_exceeded);
    EXPECT_FALSE(embed({-1}).ok());
    model->interrupt(true);
    EXPECT_EQ(embed(some_tokens(12)).error().code, ErrorCode::cancelled);
    model->interrupt(false);
    EXPECT_EQ(*embed(some_tokens(12)), *vector);
  }
}

double distance(const std::vector<float>& one, const std::vector<float>& other) {
  double squares = 0;
  for (std::size_t i = 0; i < one.size(); ++i) squares += std::pow(one[i] - other[i], 2);
  return std::sqrt(squares);
}

/// The fused attention kernel adds up in half precision where it has few rows, and in single
/// precision where it has many; without it nothing but the order of additions differs.
TEST_F(LlamaModelTest, EmbedsManyTextsAsItDoesOne) {
  const std::pair<std::string, double> tolerances[] = {{"off", 1e-4}, {"auto", 5e-3}};
  for (const auto& [flash_attention, tolerance] : tolerances) {
    for (const auto& builder : {small_llama(), small_bert(), small_mamba()}) {
      const auto model = open(builder, {.engine_options = {{"flash_attention", flash_attention}}});
      ASSERT_NE(model, nullptr);
      std::vector<std::vector<TokenId>> texts;
      for (int i = 0; i < 150; ++i) texts.push_back(some_tokens(1 + i % 30));
      const auto together = model->embed(texts);
      ASSERT_TRUE(together.ok()) << together.error().message;
      ASSERT_EQ(together->size(), texts.size());
      for (std::size_t i = 0; i < texts.size(); i += 7) {
        const auto alone = *model->embed(std::span(&texts[i], 1));
        const double length = distance(alone[0], std::vector<float>(alone[0].size()));
        EXPECT_LT(distance((*together)[i], alone[0]), tolerance * length) << "text " << i;
      }
    }
  }
}

TEST_F(LlamaModelTest, EmbeddingLeavesTheSequenceAlone) {
  const auto model = open(small_llama());
  const auto tokens = some_tokens(10);
  const auto expected = logits(*model, tokens);
  ASSERT_EQ(*model->rewind(0, 9), 9);
  ASSERT_TRUE(model->embed(std::vector<std::vector<TokenId>>{some_tokens(4)}).ok());
  expect_near(logits(*model, {&tokens.back(), 1}), expected);
}

TEST_F(LlamaModelTest, EncodersDoNotGenerate) {
  const auto model = open(small_bert());
  ASSERT_NE(model, nullptr);
  const auto tokens = some_tokens(2);
  const Chunk chunk{0, tokens};
  const auto rows = model->evaluate({&chunk, 1});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code, ErrorCode::unsupported);
  EXPECT_THAT(rows.error().message, HasSubstr("bert"));
}

TEST_F(LlamaModelTest, BlockSizesAreThoseOfTheLibrary) {
  for (std::uint32_t i = 0; i < GGML_TYPE_COUNT; ++i) {
    const auto type = static_cast<ggml_type>(i);
    const TensorEncoding* encoding = find_tensor_encoding(i);
    ASSERT_EQ(encoding != nullptr, ggml_blck_size(type) > 0) << i;
    if (encoding == nullptr) continue;
    EXPECT_EQ(encoding->name, ggml_type_name(type));
    EXPECT_EQ(encoding->block, static_cast<std::uint32_t>(ggml_blck_size(type))) << i;
    EXPECT_EQ(encoding->bytes, ggml_type_size(type)) << i;
  }
  EXPECT_EQ(find_tensor_encoding(GGML_TYPE_COUNT), nullptr) << "the library knows a new type";
}

}  // namespace
}  // namespace tenfold::llama_cpp
