// For tests: a folder with programs, whole or altered, and shorthands to open and run them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "executorch_model.h"
#include "formats/runnable.h"
#include "generation/testing/model_calls.h"

namespace tenfold::executorch {

inline const std::string tiny_llama = "tests/models/tiny-llama/executorch-f32/model.pte";
inline const std::string tiny_llama_8da4w = "tests/models/tiny-llama/executorch-8da4w/model.pte";
/// Of ExecuTorch's own exporter, with its operators for caches and attention.
inline const std::string tiny_llama_llm = "tests/models/tiny-llama/executorch-llm-f32/model.pte";
inline const std::string tiny_qwen3 = "tests/models/tiny-qwen3/executorch-f32/model.pte";

class ProgramFixture : public testing::Test {
 protected:
  ProgramFixture() {
    folder_ = std::filesystem::temp_directory_path() /
              ("tenfold-executorch-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    const std::filesystem::path from = std::filesystem::path(tiny_llama).parent_path();
    for (const char* name : {"tokenizer.json", "tokenizer_config.json"}) {
      std::filesystem::copy_file(from / name, folder_ / name,
                                 std::filesystem::copy_options::overwrite_existing);
    }
  }
  ~ProgramFixture() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
    return folder_ / name;
  }

  /// One of the programs in testdata, beside the tokenizer of tiny-llama.
  std::string small(const std::string& name) {
    std::filesystem::copy_file("engines/executorch/testdata/" + name, folder_ / name,
                               std::filesystem::copy_options::overwrite_existing);
    return folder_ / name;
  }

  /// tiny-llama with names in it replaced by others of the same length.
  std::string altered(const std::vector<std::pair<std::string, std::string>>& names) {
    std::string bytes = read_file(tiny_llama, 1 << 24).value();
    for (const auto& [from, to] : names) {
      EXPECT_EQ(from.size(), to.size());
      auto at = bytes.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      for (; at != std::string::npos; at = bytes.find(from, at)) bytes.replace(at, to.size(), to);
    }
    return write("altered.pte", bytes);
  }

  static Result<std::unique_ptr<TokenModel>> try_open(const std::string& path,
                                                      LoadOptions options = {}) {
    if (options.threads == 0) options.threads = 1;
    return ExecutorchModel::open(TRY(resolve_file(path)), options, {});
  }

  static std::unique_ptr<TokenModel> open(const std::string& path,
                                          const LoadOptions& options = {}) {
    auto model = try_open(path, options);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : nullptr;
  }

  static TokenId best(const std::vector<float>& row) {
    return static_cast<TokenId>(std::ranges::max_element(row) - row.begin());
  }

  static void expect_near(const std::vector<float>& left, const std::vector<float>& right) {
    EXPECT_THAT(left, testing::Pointwise(testing::FloatNear(1e-3F), right));
  }

  std::filesystem::path folder_;
};

}  // namespace tenfold::executorch
