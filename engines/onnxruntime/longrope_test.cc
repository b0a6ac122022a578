// Beyond its original context a model of "longrope" has other rotary positions, for all of its
// tokens: what was computed before is computed again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "formats/runnable.h"
#include "generation/testing/model_calls.h"
#include "onnx_decoder.h"

namespace tenfold::onnxruntime {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr float tolerance = 1e-3F;

/// The logits of tools/export/onnx_longrope.py by the number of tokens; its border is at 32.
class LongRope : public testing::Test {
 protected:
  LongRope()
      : folder_(std::filesystem::temp_directory_path() /
                ("tenfold-ort-longrope-" + std::to_string(::getpid()))) {
    std::filesystem::copy("engines/onnxruntime/testdata/longrope", folder_);
    std::filesystem::copy_file("tests/models/tiny-llama/tokenizer.json",
                               folder_ / "tokenizer.json");
    std::ifstream file(folder_ / "reference.json");
    for (const auto& row : nlohmann::json::parse(file)) {
      const auto tokens = row["tokens"].get<std::vector<TokenId>>();
      tokens_ = tokens;
      expected_[tokens.size()] = row["logits"].get<std::vector<float>>();
    }
  }
  ~LongRope() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::unique_ptr<TokenModel> open(int prefill_chunk) const {
    LoadOptions options;
    options.threads = 1;
    options.engine_options["prefill_chunk"] = std::int64_t{prefill_chunk};
    auto model = OnnxDecoder::open(resolve_file(folder_).value(), options, {});
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : nullptr;
  }
  /// Of the longest text.
  [[nodiscard]] std::span<const TokenId> tokens(std::size_t from, std::size_t to) const {
    return std::span<const TokenId>(tokens_).subspan(from, to - from);
  }
  void expect(const std::vector<float>& row, std::size_t length) const {
    EXPECT_THAT(row, Pointwise(FloatNear(tolerance), expected_.at(length))) << length;
  }

  std::filesystem::path folder_;
  std::vector<TokenId> tokens_;
  std::map<std::size_t, std::vector<float>> expected_;
};

TEST_F(LongRope, PromptsOfAnyLengthInPiecesOfAnySize) {
  for (const int chunk : {0, 7, 32}) {
    const auto model = open(chunk);
    ASSERT_TRUE(model);
    EXPECT_EQ(model->info().context_size, 128);
    for (const auto& [length, row] : expected_) {
      model->rewind(0, 0).value();
      expect(logits(*model, tokens(0, length)), length);
    }
  }
}

TEST_F(LongRope, TokenByTokenOverTheBorder) {
  const auto model = open(0);
  ASSERT_TRUE(model);
  expect(logits(*model, tokens(0, 20)), 20);
  for (std::size_t length = 21; length <= 60; ++length) {
    const auto row = logits(*model, tokens(length - 1, length));
    if (expected_.contains(length)) expect(row, length);
  }
}

TEST_F(LongRope, EachOfAllPositionsHasTheTablesOfATextThatEndsThere) {
  for (const int chunk : {0, 7}) {
    for (const std::size_t known : {0U, 20U, 32U}) {
      const auto model = open(chunk);
      ASSERT_TRUE(model);
      if (known > 0) expect(logits(*model, tokens(0, known)), known);
      const auto rows = logits(*model, tokens(known, 60), true);
      const auto width = expected_.at(60).size();
      ASSERT_EQ(rows.size(), (60 - known) * width);
      for (const auto& [length, row] : expected_) {
        if (length <= known || length > 60) continue;
        const auto begin = rows.begin() + static_cast<std::ptrdiff_t>((length - known - 1) * width);
        expect({begin, begin + static_cast<std::ptrdiff_t>(width)}, length);
      }
    }
  }
}

TEST_F(LongRope, NothingIsReusedAcrossTheBorder) {
  const auto model = open(16);
  ASSERT_TRUE(model);
  for (int time = 0; time < 2; ++time) {
    model->rewind(0, 0).value();
    expect(logits(*model, tokens(0, 60)), 60);
    EXPECT_EQ(model->rewind(0, 10).value(), 10);
    expect(logits(*model, tokens(10, 32)), 32);
    expect(logits(*model, tokens(32, 33)), 33);
    EXPECT_EQ(model->rewind(0, 31).value(), 31);
    expect(logits(*model, tokens(31, 32)), 32);
    EXPECT_EQ(model->rewind(0, 32).value(), 32);
  }
  expect(logits(*model, tokens(32, 60)), 60);
  EXPECT_EQ(model->rewind(0, 40).value(), 40) << "on one side of the border as ever";
  expect(logits(*model, tokens(40, 60)), 60);
}

TEST_F(LongRope, AnInterruptWhileItIsComputedAgainLosesNothingElse) {
  const auto model = open(1);
  ASSERT_TRUE(model);
  for (int delay = 0; delay < 20; ++delay) {
    model->rewind(0, 0).value();
    expect(logits(*model, tokens(0, 32)), 32);
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(50 * delay));
      model->interrupt(true);
    });
    const Chunk chunk{0, tokens(32, 33), false};
    (void)model->evaluate({&chunk, 1});  // ended or not
    other.join();
    model->interrupt(false);
    const int kept = model->rewind(0, 32).value();
    expect(logits(*model, tokens(static_cast<std::size_t>(kept), 33)), 33);
  }
}

}  // namespace
}  // namespace tenfold::onnxruntime
