#include "model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"
#include "testing/small_decoder.h"

namespace tenfold::onnxruntime {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class ModelFilesTest : public testing::Test {
 protected:
  ModelFilesTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("tenfold-ort-files-" + std::to_string(::getpid()))) {}
  ~ModelFilesTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
  }
  [[nodiscard]] Error refused() const {
    const auto files = find_model_files(folder_);
    EXPECT_FALSE(files.ok());
    return files.ok() ? Error() : files.error();
  }

  std::filesystem::path folder_;
};

TEST(ModelFiles, FindsTheGraphFromFolderAndFile) {
  for (const char* path : {"tests/models/tiny-llama/onnx-f32", "tests/models/tiny-llama/onnx-int4",
                           "tests/models/tiny-llama/genai-int4",
                           "tests/models/tiny-llama/onnx-int4/onnx/model_q4.onnx",
                           "tests/models/tiny-llama/genai-f32/model.onnx"}) {
    const auto files = find_model_files(path);
    ASSERT_TRUE(files.ok()) << files.error().message;
    EXPECT_THAT(files->graph, EndsWith(".onnx"));
    EXPECT_EQ(files->dimensions.context, 1024) << path;
    EXPECT_EQ(files->dimensions.cache_heads, 2) << path;
    EXPECT_EQ(files->dimensions.head_size, 32) << path;
    EXPECT_EQ(files->dimensions.vocabulary, 512) << path;
  }
}

TEST_F(ModelFilesTest, ReadsOtherNamesAndNestedConfigurations) {
  write("model.onnx", SmallDecoder().build().build());
  write("config.json", R"({"n_positions": 2048, "n_head": 12, "n_embd": 768, "vocab_size": -1})");
  EXPECT_EQ(find_model_files(folder_)->dimensions.context, 2048);
  EXPECT_EQ(find_model_files(folder_)->dimensions.cache_heads, 12);
  EXPECT_EQ(find_model_files(folder_)->dimensions.head_size, 64);
  EXPECT_EQ(find_model_files(folder_)->dimensions.vocabulary, 0);
  write("config.json", R"({"text_config": {"max_position_embeddings": 4096}})");
  EXPECT_EQ(find_model_files(folder_)->dimensions.context, 4096);
}

TEST_F(ModelFilesTest, RefusesWhatItCannotUse) {
  write("genai_config.json", R"({"model": {"decoder": {"filename": "../model.onnx"}}})");
  EXPECT_EQ(to_string(refused().code), "unsupported");
  EXPECT_THAT(refused().message, HasSubstr("model.decoder.filename"));
  write("genai_config.json", "[]");
  EXPECT_EQ(to_string(refused().code), "bad_model");
  EXPECT_THAT(refused().message, HasSubstr("genai_config.json is not a JSON object"));
  write("genai_config.json", R"({"model": {"decoder": {"filename": "model.onnx"}}})");
  write("config.json", "nothing");
  EXPECT_THAT(refused().message, HasSubstr("config.json is not a JSON object"));
}

TEST(ModelFiles, RefusesOtherFormats) {
  const auto files = find_model_files("tests/models/tiny-llama/tiny-llama-q4_0.gguf");
  ASSERT_FALSE(files.ok());
  EXPECT_EQ(to_string(files.error().code), "bad_model");
  EXPECT_THAT(files.error().message, HasSubstr("is not an ONNX model but gguf"));
}

}  // namespace
}  // namespace tenfold::onnxruntime
