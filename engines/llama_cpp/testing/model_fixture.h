// For tests: a folder of small models, and shorthands to open and run them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "llama_model.h"
#include "testing/small_models.h"

namespace tenfold::llama_cpp {

class ModelFixture : public testing::Test {
 protected:
  ModelFixture() {
    folder_ =
        std::filesystem::temp_directory_path() / ("tenfold-llama-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~ModelFixture() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const GgufBuilder& builder) {
    return write_bytes(name, builder.build());
  }
  std::string write_bytes(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
    return folder_ / name;
  }

  /// One thread: the models are too small for two to be of use.
  Result<std::unique_ptr<TokenModel>> try_open(const std::string& path, LoadOptions options = {}) {
    if (options.threads == 0) options.threads = 1;
    return LlamaModel::open({.path = path}, options, {});
  }
  std::unique_ptr<TokenModel> open(const GgufBuilder& builder, const LoadOptions& options = {}) {
    auto model = try_open(write("m.gguf", builder), options);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : nullptr;
  }

  static std::vector<float> logits(TokenModel& model, std::span<const TokenId> tokens,
                                   int sequence = 0, bool all_positions = false) {
    const Chunk chunk{sequence, tokens, all_positions};
    const auto rows = model.evaluate({&chunk, 1});
    EXPECT_TRUE(rows.ok()) << rows.error().message;
    if (!rows.ok()) return {};
    return {rows->begin(), rows->end()};
  }

  static void expect_near(const std::vector<float>& left, const std::vector<float>& right,
                          float tolerance = 1e-3F) {
    EXPECT_THAT(left, testing::Pointwise(testing::FloatNear(tolerance), right));
  }

  static std::vector<TokenId> some_tokens(int count) {
    std::vector<TokenId> tokens;
    for (int i = 0; i < count; ++i) tokens.push_back(260 + i * 7 % 26);
    return tokens;
  }

  std::filesystem::path folder_;
};

}  // namespace tenfold::llama_cpp
