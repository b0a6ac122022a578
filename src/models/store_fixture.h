// A temporary TENFOLD_HOME for tests of the store.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "formats/gguf_builder.h"
#include "models/store.h"

namespace tenfold {

/// The least that stands beside safetensors.
constexpr const char* small_config =
    R"({"model_type": "llama", "hidden_size": 4, "num_attention_heads": 1, "vocab_size": 1,
        "num_hidden_layers": 1, "intermediate_size": 4, "max_position_embeddings": 8})";
/// Weights without a model, as they stand beside a config.json.
inline std::string small_safetensors() {
  const std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  return GgufBuilder::raw_string(header) + "1234";
}
constexpr const char* small_tokenizer = R"({"model": {"type": "BPE", "vocab": {"a": 0}}})";

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "tenfold-store-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    home_ = name;
    ::setenv("TENFOLD_HOME", name.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TENFOLD_HOME");
    std::filesystem::remove_all(home_);
  }
  static void write(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

  std::filesystem::path home_;
  ModelStore store_;
};

}  // namespace tenfold
