// Every architecture against transformers: models of random weights by tools/tiny/decoders.py.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "formats/runnable.h"
#include "generation/testing/model_calls.h"
#include "mlx_model.h"

namespace tenfold::mlx {
namespace {

namespace fs = std::filesystem;
using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr float tolerance = 1e-3F;
constexpr const char* least_tokenizer =
    R"({"version": "1.0", "added_tokens": [], "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})";

class Architecture : public testing::TestWithParam<const char*> {
 protected:
  Architecture()
      : folder_(fs::temp_directory_path() / ("tenfold-mlx-arch-" + std::to_string(::getpid()))) {
    fs::copy(fs::path("engines/mlx/testdata") / GetParam(), folder_);
    std::ofstream(folder_ / "tokenizer.json") << least_tokenizer;
    std::ifstream file(folder_ / "reference.json");
    const auto reference = nlohmann::json::parse(file);
    tokens_ = reference["tokens"].get<std::vector<TokenId>>();
    for (const auto& [length, row] : reference["logits"].items()) {
      expected_[std::stoul(length)] = row.get<std::vector<float>>();
    }
    for (const auto& [length, mean] : reference["means"].items()) {
      means_[std::stoul(length)] = mean.get<std::vector<float>>();
    }
  }
  ~Architecture() override { fs::remove_all(folder_); }

  [[nodiscard]] std::unique_ptr<TokenModel> open(const char* kernels, int prefill_chunk) const {
    LoadOptions options;
    options.threads = 1;
    options.engine_options["kernels"] = std::string(kernels);
    options.engine_options["prefill_chunk"] = std::int64_t{prefill_chunk};
    auto model = MlxModel::open(resolve_file(folder_).value(), options, {});
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : nullptr;
  }
  [[nodiscard]] std::span<const TokenId> tokens(std::size_t from, std::size_t to) const {
    return std::span(tokens_).subspan(from, to - from);
  }

  fs::path folder_;
  std::vector<TokenId> tokens_;
  std::map<std::size_t, std::vector<float>> expected_;
  std::map<std::size_t, std::vector<float>> means_;
};

TEST_P(Architecture, GivesTheLogitsOfTransformers) {
  for (const char* kernels : {"exact", "stock"}) {
    for (const int chunk : {7, 256}) {
      const auto model = open(kernels, chunk);
      ASSERT_TRUE(model);
      for (const auto& [length, row] : expected_) {
        model->rewind(0, 0).value();
        EXPECT_THAT(logits(*model, tokens(0, length)), Pointwise(FloatNear(tolerance), row))
            << kernels << " " << chunk << " " << length;
      }
    }
  }
}

/// Also over the border of "longrope", where what was computed has to be computed again.
TEST_P(Architecture, TokenByTokenAndAfterRewinds) {
  for (const char* kernels : {"exact", "stock"}) {
    const auto model = open(kernels, 16);
    ASSERT_TRUE(model);
    logits(*model, tokens(0, 19));
    for (std::size_t length = 20; length <= tokens_.size(); ++length) {
      const auto row = logits(*model, tokens(length - 1, length));
      if (!expected_.contains(length)) continue;
      EXPECT_THAT(row, Pointwise(FloatNear(tolerance), expected_[length])) << kernels << length;
    }
    EXPECT_EQ(model->rewind(0, 10).value(), 10);
    EXPECT_THAT(logits(*model, tokens(10, 32)), Pointwise(FloatNear(tolerance), expected_[32]));
  }
}

/// Means of the last hidden states, while a sequence stands at the border of "longrope" and after.
TEST_P(Architecture, EmbedsAsTransformersAndKeepsTheSequence) {
  for (const char* kernels : {"exact", "stock"}) {
    const auto model = open(kernels, 16);
    ASSERT_TRUE(model);
    logits(*model, tokens(0, 30));
    for (const auto& [length, mean] : means_) {
      const auto text = tokens(0, length);
      const std::vector<std::vector<TokenId>> texts{{text.begin(), text.end()}, {tokens_[0]}};
      const auto vectors = model->embed(texts);
      ASSERT_TRUE(vectors.ok()) << vectors.error().message;
      std::vector<float> sums = mean;
      for (float& sum : sums) sum *= static_cast<float>(length);
      const float off = tolerance * static_cast<float>(length);
      EXPECT_THAT(vectors->at(0), Pointwise(FloatNear(off), sums)) << kernels << " " << length;
    }
    EXPECT_THAT(logits(*model, tokens(30, 32)), Pointwise(FloatNear(tolerance), expected_[32]));
  }
}

INSTANTIATE_TEST_SUITE_P(, Architecture,
                         testing::Values("llama", "mistral", "qwen2", "qwen3", "gemma2", "gemma3",
                                         "phi3", "smollm3", "granite", "olmo2", "stablelm"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace tenfold::mlx
