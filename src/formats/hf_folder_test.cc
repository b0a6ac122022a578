#include "formats/hf_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"
#include "formats/runnable.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const fs::path llama = "tests/models/tiny-llama";

class HfFolderTest : public ::testing::Test {
 protected:
  HfFolderTest() { fs::create_directories(folder_ / "onnx"); }
  ~HfFolderTest() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) {
    fs::create_directories((folder_ / name).parent_path());
    EXPECT_TRUE(write_file_atomically(folder_ / name, content).ok());
  }
  void copy(const fs::path& from, const std::string& to) { fs::copy_file(from, folder_ / to); }
  [[nodiscard]] ModelDescription read() const {
    ModelDescription model;
    const auto read = read_hf_folder({folder_ / "onnx", folder_}, model);
    EXPECT_TRUE(read.ok()) << read.error().message;
    return model;
  }

  fs::path folder_ =
      fs::temp_directory_path() / ("tenfold-hf-folder-" + std::to_string(::getpid()));
};

TEST_F(HfFolderTest, AnEmptyOneTellsNothing) {
  const ModelDescription model = read();
  EXPECT_EQ(model.text.tokenizer, "");
  EXPECT_EQ(model.text.begin, -1);
  EXPECT_THAT(model.files, IsEmpty());
}

TEST_F(HfFolderTest, ReadsSizesUnderOtherNamesAndOneLevelDown) {
  write("config.json", R"({"n_positions": 2048, "n_head": 12, "n_embd": 768, "vocab_size": -1})");
  EXPECT_EQ(read().sizes.context, 2048);
  EXPECT_EQ(read().sizes.cache_heads, 12);
  EXPECT_EQ(read().sizes.head_size, 64);
  EXPECT_EQ(read().sizes.vocabulary, 0);
  write("config.json", R"({"text_config": {"max_position_embeddings": 4096}})");
  EXPECT_EQ(read().sizes.context, 4096);
}

TEST_F(HfFolderTest, WhatIsNoNameOfAnArchitectureIsNotOne) {
  write("config.json", R"({"model_type": "llama"})");
  EXPECT_EQ(read().architecture, "llama");
  write("config.json", R"({"model_type": ")" + std::string(200'000, 'x') + R"("})");
  EXPECT_EQ(read().architecture, "");
}

TEST_F(HfFolderTest, TheTextSideIsThatOfTheFolderWithTheTokenizer) {
  copy(llama / "tokenizer.json", "tokenizer.json");
  write("tokenizer_config.json",
        R"({"bos_token": {"content": "<s>"}, "eos_token": "</s>", "chat_template": [
            {"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]})");
  write("generation_config.json", R"({"eos_token_id": [2, 0, 99999999999], "temperature": 0.6})");
  write("config.json", R"({"text_config": {"bos_token_id": 1, "eos_token_id": 5}})");
  write("onnx/generation_config.json", R"({"eos_token_id": 77})");
  const ModelText text = read().text;
  EXPECT_EQ(text.tokenizer, folder_ / "tokenizer.json");
  EXPECT_EQ(text.begin_token, "<s>");
  EXPECT_EQ(text.end_token, "</s>");
  EXPECT_EQ(text.begin, 1);
  EXPECT_THAT(text.ends, ElementsAre(2, 0, 5));
  EXPECT_EQ(text.chat_template, "{% if tools %}t{% else %}d{% endif %}");
  EXPECT_EQ(text.template_source, folder_ / "tokenizer_config.json");
}

TEST_F(HfFolderTest, ATemplateOfItsOwnGoesFirst) {
  write("onnx/tokenizer_config.json", R"({"chat_template": "old"})");
  write("onnx/chat_template.jinja", "new");
  EXPECT_EQ(read().text.chat_template, "new");
  EXPECT_EQ(read().text.template_source, folder_ / "onnx/chat_template.jinja");
}

TEST_F(HfFolderTest, ATemplateForToolsMayStandInAFolderOfItsOwn) {
  write("onnx/chat_template.json", R"({"chat_template": "old"})");
  EXPECT_EQ(read().text.chat_template, "old");
  write("onnx/chat_template.jinja", "\nnew\n");
  write("onnx/additional_chat_templates/tool_use.jinja", "tools");
  EXPECT_EQ(read().text.chat_template, "{% if tools %}tools{% else %}\n\nnew{% endif %}");
  EXPECT_EQ(read().text.template_source, folder_ / "onnx/chat_template.jinja");
}

TEST_F(HfFolderTest, NamesWhatIsDamaged) {
  write("onnx/generation_config.json", "{");
  ModelDescription model;
  const auto read = read_hf_folder({folder_ / "onnx"}, model);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::bad_model);
  EXPECT_THAT(read.error().message, HasSubstr("onnx/generation_config.json is not"));
}

TEST_F(HfFolderTest, AFolderOfOnnxruntimeGenaiTellsTheSame) {
  for (const char* path : {"onnx-f32", "onnx-int4", "genai-int4", "onnx-int4/onnx/model_q4.onnx",
                           "genai-f32/model.onnx"}) {
    const auto model = resolve_file(llama / path);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_THAT(model->file.string(), EndsWith(".onnx"));
    EXPECT_TRUE(model->file.is_absolute());
    EXPECT_EQ(model->sizes.context, 1024) << path;
    EXPECT_EQ(model->sizes.cache_heads, 2) << path;
    EXPECT_EQ(model->sizes.head_size, 32) << path;
    EXPECT_EQ(model->sizes.vocabulary, 512) << path;
    EXPECT_EQ(model->architecture, "llama");
    EXPECT_EQ(model->text.begin, 1) << path;
    EXPECT_EQ(model->text.ends.front(), 2) << path;
    EXPECT_THAT(model->text.chat_template, HasSubstr("<|assistant|>"));
  }
}

class RunnableTest : public HfFolderTest {
 protected:
  [[nodiscard]] Error refused() const {
    const auto model = resolve_file(folder_);
    EXPECT_FALSE(model.ok());
    return model.ok() ? Error() : model.error();
  }
};

TEST_F(RunnableTest, AModelWithoutItsTokenizerIsRefused) {
  copy(llama / "onnx-f32/model.onnx", "model.onnx");
  EXPECT_EQ(refused().code, ErrorCode::not_found);
  EXPECT_EQ(refused().message, "there is no tokenizer in " + folder_.string());
  EXPECT_THAT(refused().hint, HasSubstr("tokenizer.model"));
  write("tokenizer.model", "sentences");
  EXPECT_EQ(refused().code, ErrorCode::bad_model);
  EXPECT_THAT(refused().message,
              HasSubstr("tokenizer.model is not a tokenizer; it looks like a text file"));
  copy(llama / "tokenizer.json", "tokenizer.json");
  EXPECT_TRUE(resolve_file(folder_).ok());
}

TEST_F(RunnableTest, TheTokenizerMayBeOfOtherForms) {
  const fs::path forms = "src/text/testdata/reference";
  copy(llama / "onnx-f32/model.onnx", "model.onnx");
  copy(forms / "gemma.model", "tokenizer.model");
  const auto gemma = resolve_file(folder_);
  ASSERT_TRUE(gemma.ok()) << gemma.error().message;
  EXPECT_EQ(gemma->text.tokenizer, folder_ / "tokenizer.model");
  EXPECT_EQ(gemma->tokenizer, "SentencePiece");
  EXPECT_EQ(gemma->vocabulary, 600);
  EXPECT_EQ(gemma->text.template_family, "Gemma");
  EXPECT_THAT(gemma->files, testing::Contains(folder_ / "tokenizer.model"));

  fs::remove(folder_ / "tokenizer.model");
  copy(forms / "llama3.tiktoken", "tokenizer.model");
  write("tokenizer_config.json", R"({"add_bos_token": false, "eos_token": "<|eot_id|>", "x": 1})");
  const auto llama3 = resolve_file(folder_);
  ASSERT_TRUE(llama3.ok()) << llama3.error().message;
  EXPECT_EQ(llama3->tokenizer, "tiktoken");
  EXPECT_EQ(llama3->vocabulary, 700);
  EXPECT_EQ(llama3->text.token_settings, R"({"add_bos_token":false})");
  EXPECT_EQ(llama3->text.end_token, "<|eot_id|>");
  EXPECT_EQ(llama3->text.chat_template, "") << "its configuration has none";
  copy(llama / "tokenizer.json", "tokenizer.json");
  EXPECT_EQ(resolve_file(folder_)->tokenizer, "BPE") << "comes first";
}

TEST_F(RunnableTest, WeightsBehindALinkOutOfTheFolderAreRefused) {
  copy(llama / "tokenizer.json", "tokenizer.json");
  copy(llama / "config.json", "config.json");
  copy(llama / "genai-f32/model.onnx", "model.onnx");
  const fs::path weights = fs::absolute(llama / "genai-f32/model.onnx.data");
  fs::create_symlink(weights, folder_ / "model.onnx.data");
  EXPECT_EQ(refused().code, ErrorCode::bad_model);
  EXPECT_THAT(refused().message, HasSubstr("model.onnx.data, which is a link to"));
  // In the cache of the hub both are links into one folder.
  fs::remove(folder_ / "model.onnx");
  fs::create_symlink(fs::absolute(llama / "genai-f32/model.onnx"), folder_ / "model.onnx");
  EXPECT_TRUE(resolve_file(folder_).ok());
}

}  // namespace
}  // namespace tenfold
