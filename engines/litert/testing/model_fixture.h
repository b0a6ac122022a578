// For tests: the committed LiteRT models, and shorthands to open and run them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "formats/runnable.h"
#include "generation/testing/model_calls.h"
#include "litert_model.h"

namespace tenfold::litert {

inline const std::string tiny_f32 = "tests/models/tiny-llama/litert-f32/model.tflite";
inline const std::string tiny_int8 = "tests/models/tiny-llama/litert-int8/model.tflite";
inline const std::string tiny_bundle = "tests/models/tiny-llama/litertlm-int8/tiny-llama.litertlm";
inline const std::string tiny_qwen3 = "tests/models/tiny-qwen3/litert-f32/model.tflite";

class ModelFixture : public testing::Test {
 protected:
  ModelFixture() {
    folder_ =
        std::filesystem::temp_directory_path() / ("tenfold-litert-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    home_ = folder_.string() + "-home";
    ::setenv("TENFOLD_HOME", home_.c_str(), 1);
  }
  ~ModelFixture() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::remove_all(home_);
  }

  static Result<std::unique_ptr<TokenModel>> try_open(const std::string& path,
                                                      LoadOptions options = {}) {
    if (options.threads == 0) options.threads = 1;
    return LitertModel::open(TRY(resolve_file(path)), options, {});
  }
  static std::unique_ptr<TokenModel> open(const std::string& path,
                                          const LoadOptions& options = {}) {
    auto model = try_open(path, options);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : nullptr;
  }

  std::filesystem::path folder_;
  std::filesystem::path home_;
};

}  // namespace tenfold::litert
