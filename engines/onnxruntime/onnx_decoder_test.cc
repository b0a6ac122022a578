#include "onnx_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/files.h"
#include "formats/runnable.h"
#include "generation/testing/model_calls.h"
#include "testing/small_decoder.h"

namespace tenfold::onnxruntime {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

std::vector<TokenId> some_tokens(int count) {
  std::vector<TokenId> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back(6 + i * 37 % 500);
  return tokens;
}

class OnnxDecoderTest : public testing::Test {
 protected:
  OnnxDecoderTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("tenfold-ort-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    std::filesystem::copy_file("tests/models/tiny-llama/tokenizer.json",
                               folder_ / "tokenizer.json");
    write("config.json", R"({"model_type": "small", "max_position_embeddings": 512})");
  }
  ~OnnxDecoderTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
    return folder_ / name;
  }
  static Result<std::unique_ptr<TokenModel>> try_open(const std::string& path,
                                                      LoadOptions options = {}) {
    options.threads = 1;
    return OnnxDecoder::open(TRY(resolve_file(path)), options, {});
  }
  static std::unique_ptr<TokenModel> open(const std::string& path, int prefill_chunk = 0) {
    LoadOptions options;
    options.engine_options["prefill_chunk"] = std::int64_t{prefill_chunk};
    auto model = try_open(path, options);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : nullptr;
  }
  std::unique_ptr<TokenModel> open(const SmallDecoder& form, int prefill_chunk = 0) {
    return open(write("model.onnx", form.build().build()), prefill_chunk);
  }
  static void expect_refused(const std::string& path, const std::string& code,
                             const std::string& part, const LoadOptions& options = {}) {
    const auto model = try_open(path, options);
    ASSERT_FALSE(model.ok()) << part;
    EXPECT_EQ(to_string(model.error().code), code) << model.error().message;
    EXPECT_THAT(model.error().message, HasSubstr(part));
  }

  std::filesystem::path folder_;
};

class Fixture : public OnnxDecoderTest, public testing::WithParamInterface<const char*> {};

TEST_P(Fixture, ChunksAndRewindsGiveTheSameLogits) {
  const auto tokens = some_tokens(40);
  const std::span<const TokenId> all = tokens;
  const auto whole = open(GetParam());
  const auto chunked = open(GetParam(), 7);
  ASSERT_TRUE(whole && chunked);
  const auto expected = logits(*whole, all);
  ASSERT_EQ(expected.size(), 512U);
  EXPECT_THAT(logits(*chunked, all), Pointwise(FloatNear(2e-3F), expected));

  // Another continuation, and back.
  EXPECT_EQ(whole->rewind(0, 25).value(), 25);
  logits(*whole, some_tokens(60));
  EXPECT_EQ(whole->rewind(0, 25).value(), 25);
  EXPECT_THAT(logits(*whole, all.subspan(25)), Pointwise(FloatNear(2e-3F), expected));

  // One token at a time.
  EXPECT_EQ(whole->rewind(0, 0).value(), 0);
  std::vector<float> last;
  for (const TokenId token : tokens) last = logits(*whole, {&token, 1});
  EXPECT_THAT(last, Pointwise(FloatNear(2e-3F), expected));
}

TEST_P(Fixture, AllPositionsAreTheLastOnesOfEachPrefix) {
  const auto tokens = some_tokens(20);
  const auto model = open(GetParam(), 8);
  ASSERT_TRUE(model);
  const auto rows = logits(*model, tokens, true);
  ASSERT_EQ(rows.size(), 20U * 512);
  model->rewind(0, 0).value();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::vector<float> row(rows.begin() + static_cast<std::ptrdiff_t>(i * 512),
                                 rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * 512));
    EXPECT_THAT(logits(*model, {&tokens[i], 1}), Pointwise(FloatNear(2e-3F), row)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(, Fixture,
                         testing::Values("tests/models/tiny-llama/onnx-f32",
                                         "tests/models/tiny-llama/genai-f32",
                                         "tests/models/tiny-qwen3/onnx-f32"));

struct NamedForm {
  std::string name;
  SmallDecoder form;
};
void PrintTo(const NamedForm& form, std::ostream* out) { *out << form.name; }

class Form : public OnnxDecoderTest, public testing::WithParamInterface<NamedForm> {};

/// What SmallDecoder computes after `tokens`.
std::vector<float> expected_row(const SmallDecoder& form, std::span<const TokenId> tokens) {
  float state = form.positions ? static_cast<float>(tokens.size() - 1) : 0;
  for (const TokenId token : tokens) state += static_cast<float>(token);
  std::vector<float> row;
  for (int i = 0; i < SmallDecoder::vocabulary; ++i) {
    row.push_back(std::sin(state * 0.001F * static_cast<float>(i)));
  }
  return row;
}

TEST_P(Form, GivesTheRightLogits) {
  const SmallDecoder& form = GetParam().form;
  const auto model = open(form, 5);
  ASSERT_TRUE(model);
  const std::vector<TokenId> tokens{9, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12};
  const std::span<const TokenId> all = tokens;
  constexpr float tolerance = 0.02F;  // of bfloat16
  EXPECT_THAT(logits(*model, all), Pointwise(FloatNear(tolerance), expected_row(form, all)));
  EXPECT_EQ(model->rewind(0, 4).value(), 4);
  const auto rows = logits(*model, all.subspan(4), true);
  ASSERT_EQ(rows.size(), 8U * 512);
  for (std::size_t i = 0; i < 8; ++i) {
    const auto at = rows.begin() + static_cast<std::ptrdiff_t>(i * 512);
    EXPECT_THAT(std::vector<float>(at, at + 512),
                Pointwise(FloatNear(tolerance), expected_row(form, all.first(5 + i))));
  }
  EXPECT_EQ(model->info().architecture, "small");
}

INSTANTIATE_TEST_SUITE_P(
    , Form,
    testing::Values(
        NamedForm{"plain", {}}, NamedForm{"int32", {.integers = OnnxType::int32}},
        NamedForm{"float16",
                  {.cache = OnnxType::float16, .logits = OnnxType::float16, .positions = false}},
        NamedForm{"bfloat16_logits", {.logits = OnnxType::bfloat16}},
        NamedForm{"num_logits_to_keep", {.mask = false, .logits_to_keep = "num_logits_to_keep"}},
        NamedForm{"last_logits_only", {.last_logits_only = true}},
        NamedForm{"other_names", {.past = "past.0.key", .present = "present_key_values.0.key"}},
        NamedForm{"merged", {.merged = true}},
        NamedForm{"merged_for_one_token", {.merged = true, .sees_later = true}}),
    [](const auto& test) { return test.param.name; });

TEST_F(OnnxDecoderTest, APairReadsThePromptWithItsOwnPart) {
  const std::vector<TokenId> tokens{9, 1, 2, 3, 4, 5, 6, 7};
  const std::span<const TokenId> all = tokens;
  for (const bool sees_later : {false, true}) {
    SCOPED_TRACE(sees_later);
    write("decoder_model.onnx",
          SmallDecoder{.last_operation = "Cos", .only_prompts = true}.build().build());
    write("decoder_with_past_model.onnx", SmallDecoder{.sees_later = sees_later}.build().build());
    const auto model = open(folder_);
    ASSERT_TRUE(model);
    for (int time = 0; time < 2; ++time) {
      const auto prompt = logits(*model, all.first(3), true);
      ASSERT_EQ(prompt.size(), 3U * 512);
      EXPECT_EQ(prompt[0], 1) << "a cosine";
      EXPECT_THAT(logits(*model, all.subspan(3)),
                  Pointwise(FloatNear(1e-4F), expected_row({}, all)));
      EXPECT_EQ(model->rewind(0, 5).value(), 5);
      EXPECT_THAT(logits(*model, all.subspan(5)),
                  Pointwise(FloatNear(1e-4F), expected_row({}, all)));
      model->rewind(0, 0).value();
    }
    EXPECT_EQ(model->info().path, folder_ / "decoder_with_past_model.onnx");
    EXPECT_EQ(model->info().weight_bytes, resolve_file(folder_)->weight_bytes) << "of both";
  }
}

TEST_F(OnnxDecoderTest, RefusesWrongCallsAndTokens) {
  const auto model = open(SmallDecoder());
  ASSERT_TRUE(model);
  const auto code = [&](std::span<const Chunk> chunks) {
    const auto rows = model->evaluate(chunks);
    return rows.ok() ? "ok" : std::string(to_string(rows.error().code));
  };
  const std::vector<TokenId> good{1};
  const std::vector<TokenId> outside{512};
  const std::vector<TokenId> long_text(513, 1);
  EXPECT_EQ(code({}), "invalid_argument");
  EXPECT_EQ(code(std::vector{Chunk{1, good, false}}), "invalid_argument");
  EXPECT_EQ(code(std::vector{Chunk{0, outside, false}}), "invalid_argument");
  EXPECT_EQ(code(std::vector{Chunk{0, long_text, false}}), "context_exceeded");
  EXPECT_EQ(code(std::vector{Chunk{0, good, false}}), "ok");
  EXPECT_FALSE(model->rewind(1, 0).ok());
}

TEST_F(OnnxDecoderTest, FillsTheWholeContext) {
  const auto model = open("tests/models/tiny-llama/genai-f32");
  ASSERT_TRUE(model);
  logits(*model, some_tokens(model->info().context_size));
  const TokenId one = 1;
  const Chunk more{0, {&one, 1}, false};
  const auto rows = model->evaluate({&more, 1});
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(to_string(rows.error().code), "context_exceeded");
  EXPECT_THAT(rows.error().message, HasSubstr("1025 tokens do not fit"));
}

TEST_F(OnnxDecoderTest, InterruptEndsARunningEvaluation) {
  const auto model = open("tests/models/tiny-llama/onnx-f32", 1);
  ASSERT_TRUE(model);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    model->interrupt(true);
  });
  const auto tokens = some_tokens(1000);
  const Chunk chunk{0, tokens, false};
  const auto rows = model->evaluate({&chunk, 1});
  other.join();
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(to_string(rows.error().code), "cancelled");
  EXPECT_FALSE(model->evaluate({&chunk, 1}).ok()) << "it is not for the model to take it back";
  model->interrupt(false);
  model->rewind(0, 0).value();
  EXPECT_EQ(logits(*model, some_tokens(3)).size(), 512U) << "usable again";
}

TEST_F(OnnxDecoderTest, RefusesModelsItCannotRun) {
  expect_refused(write("model.onnx", SmallDecoder{.extra_input = "pixels"}.build().build()),
                 "unsupported", "pixels");
  expect_refused(
      write("model.onnx", SmallDecoder{.last_operation = "NoSuchOperator"}.build().build()),
      "unsupported", "NoSuchOperator");
  const std::string good = SmallDecoder().build().build();
  expect_refused(write("model.onnx", good.substr(0, good.size() / 2)), "bad_model", "is damaged");
  OnnxBuilder broken = SmallDecoder().build();
  broken.node("Add", {"missing", "scale"}, {"nothing"});
  expect_refused(write("model.onnx", broken.build()), "bad_model", "missing");
}

TEST_F(OnnxDecoderTest, NeedsATokenizerAndAContextSize) {
  const std::string path = write("model.onnx", SmallDecoder().build().build());
  std::filesystem::remove(folder_ / "config.json");
  expect_refused(path, "bad_model", "says how long its context is");
  LoadOptions options;
  options.context_size = 64;
  EXPECT_EQ(try_open(path, options)->get()->info().context_size, 64);
  std::filesystem::remove(folder_ / "tokenizer.json");
  expect_refused(path, "bad_model", "there is no tokenizer in", options);
}

TEST_F(OnnxDecoderTest, ReadsTextByASentencePieceModel) {
  const std::string path = write("model.onnx", SmallDecoder().build().build());
  std::filesystem::remove(folder_ / "tokenizer.json");
  std::filesystem::copy_file("src/text/testdata/reference/llama.model",
                             folder_ / "tokenizer.model");
  const auto model = try_open(path);
  ASSERT_TRUE(model.ok()) << model.error().message;
  const Tokenizer& tokenizer = (*model)->tokenizer();
  EXPECT_EQ(tokenizer.vocabulary_size(), 512);
  EXPECT_EQ(tokenizer.encode("hello", true, true)->front(), 1);
}

TEST_F(OnnxDecoderTest, HoldsTheMemoryLimit) {
  LoadOptions options;
  options.memory_limit = 8 << 20;
  expect_refused("tests/models/tiny-llama/onnx-f32", "out_of_memory", "the memory limit is 8 MiB",
                 options);
  options.memory_limit = std::uint64_t{1} << 30;
  EXPECT_TRUE(try_open("tests/models/tiny-llama/onnx-f32", options).ok());
}

TEST_F(OnnxDecoderTest, TakesEveryOption) {
  const std::string path = write("model.onnx", SmallDecoder().build().build());
  for (const OptionSpec& option : option_specs((*open_library())->providers)) {
    for (const std::string& choice : option.choices) {
      LoadOptions options;
      options.engine_options[option.name] = choice;
      const auto model = try_open(path, options);
      EXPECT_TRUE(model.ok()) << option.name << " " << choice << ": " << model.error().message;
    }
  }
}

}  // namespace
}  // namespace tenfold::onnxruntime
