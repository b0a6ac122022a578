#include "formats/model_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"
#include "formats/safetensors_folder.h"
#include "formats/zip_builder.h"

namespace tenfold {
namespace {

using testing::HasSubstr;

class DetectModel : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, const std::string& bytes) {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_TRUE(write_file_atomically(path, bytes).ok());
    return path;
  }

  void expect(std::string_view format, const std::filesystem::path& path) {
    const auto found = detect_model(folder_);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->format, format);
    EXPECT_EQ(found->path, path);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("tenfold-model-path-" + std::to_string(::getpid()));
};

TEST_F(DetectModel, TakesATaskByItsNameOrByAllItsBytes) {
  const std::string archive = build_zip({{"TF_LITE_PREFILL_DECODE", "x"}});
  for (const char* first : {"", "1", "12", "123"}) {
    const auto path = write("m.task", build_zip({{first, ""}}, ZipForm::aligned));
    EXPECT_EQ(detect_model(path)->format, "task") << first;
  }
  const auto other = write("m.zip", archive);
  EXPECT_FALSE(detect_model(other).ok());
  EXPECT_EQ(detect_model_by_all_bytes(other)->format, "task");
  EXPECT_FALSE(detect_model(write("page.task", "<!DOCTYPE html><html>")).ok());
}

TEST_F(DetectModel, TakesAFileByItsContent) {
  const auto found = detect_model(write("model.bin", "GGUF"));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->format, "gguf");
}

TEST_F(DetectModel, FindsTheOneModelOfAFolder) {
  write("tokenizer.json", "{}");
  expect("pte", write("m.pte", std::string("\0\0\0\0ET12", 8)));
}

TEST_F(DetectModel, ChecksTheContentOfWhatItFinds) {
  write("m.pte", "<html>");
  EXPECT_THAT(detect_model(folder_).error().message, HasSubstr("looks like an HTML page"));
}

TEST_F(DetectModel, FindsTheFirstShard) {
  const auto first = write("m-00001-of-00002.gguf", "GGUF");
  write("m-00002-of-00002.gguf", "");
  expect("gguf", first);
}

TEST_F(DetectModel, KnowsTheLayoutsOfHubs) {
  write("config.json", "{}");
  write("model.safetensors", "");
  expect("safetensors", folder_);
  write("onnx/model_q4.onnx", "");
  const auto plain = write("onnx/model.onnx", "\x08\x08\x12\x07pytorch");
  expect("onnx", plain);
  write("genai_config.json", "{}");
  expect("onnx", folder_);
}

TEST_F(DetectModel, SaysWhatAFolderOfSafetensorsLacks) {
  const auto said = [&](const std::filesystem::path& path) {
    return detect_model_by_all_bytes(path).error().message;
  };
  const std::string one("\x40\0\0\0\0\0\0\0{\"a\"", 12);
  write("config.json", "{}");
  EXPECT_THAT(said(folder_), HasSubstr("model.safetensors is missing"));
  const auto shard = write("model-00001-of-00002.safetensors", one);
  EXPECT_THAT(said(folder_), HasSubstr("model.safetensors.index.json is missing"));
  EXPECT_THAT(said(shard), HasSubstr("is no part of the model in its folder"));
  write("model.safetensors.index.json",
        R"({"weight_map": {"a": "model-00001-of-00002.safetensors"}})");
  EXPECT_EQ(detect_model_by_all_bytes(shard)->path, folder_);
  EXPECT_THAT(said(write("adapters.safetensors", one)), HasSubstr("is no part of the model"));
  std::filesystem::remove(folder_ / "config.json");
  EXPECT_THAT(said(folder_), HasSubstr("config.json is missing"));
}

TEST_F(DetectModel, NamesOfShardsAreBounded) {
  write("config.json", "{}");
  for (const std::string& name :
       {std::string(300, 'x') + ".safetensors", std::string("../a.safetensors"),
        std::string("a\\u0007.safetensors"), std::string("a.bin")}) {
    write("model.safetensors.index.json", R"({"weight_map": {"a": ")" + name + R"("}})");
    const auto shards = shards_of(folder_);
    ASSERT_FALSE(shards.ok()) << name;
    EXPECT_THAT(shards.error().message, HasSubstr("names no files beside it"));
    EXPECT_LT(shards.error().message.size(), 300);
  }
}

TEST_F(DetectModel, FindsTheFileOfAFormat) {
  write("config.json", "{}");
  const auto weights = write("model-00001-of-00002.safetensors", "");
  const auto onnx = write("onnx/model.onnx", "");
  write("onnx/model_q4.onnx", "");
  EXPECT_EQ(file_of_format(folder_, "safetensors"), weights);
  EXPECT_EQ(file_of_format(folder_, "onnx"), onnx);
  EXPECT_EQ(file_of_format(folder_, "tflite,litertlm,task"), "");
  const auto task = write("m.task", "");
  EXPECT_EQ(file_of_format(folder_, "tflite,litertlm,task"), task);
  write("m.tflite", "");
  EXPECT_EQ(file_of_format(folder_, "tflite,litertlm,task"), "");
}

TEST_F(DetectModel, ReadsAWholeFileOnlyWhenTold) {
  const auto tokenizer = write("t.json", R"({"model": {"type": "BPE", "vocab": {}}})");
  EXPECT_THAT(detect_model(tokenizer).error().message, HasSubstr("looks like a JSON file"));
  EXPECT_EQ(detect_model_by_all_bytes(tokenizer)->format, "tokenizer");
}

TEST_F(DetectModel, RefusesNoneAndSeveral) {
  EXPECT_THAT(detect_model(folder_).error().message, HasSubstr("a folder without a model"));
  write("a.gguf", "");
  write("b.gguf", "");
  EXPECT_THAT(detect_model(folder_).error().message, HasSubstr("several models: a.gguf, b.gguf"));
}

}  // namespace
}  // namespace tenfold
