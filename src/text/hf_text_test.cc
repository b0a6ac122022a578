#include "text/hf_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(HfText, OpensTokenizerAndTemplate) {
  const auto text = open_hf_text({"tests/models", "tests/models/tiny-llama"});
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(text->tokenizer->vocabulary_size(), 512);
  EXPECT_EQ(text->config.architecture, "llama");
  EXPECT_THAT(text->config.chat_template, testing::HasSubstr("<|assistant|>"));
}

TEST(HfText, ReadsAFolderOfOnnxruntimeGenai) {
  const auto text = open_hf_text({"tests/models/tiny-llama/genai-f32"});
  ASSERT_TRUE(text.ok()) << text.error().message;
  EXPECT_EQ(text->config.architecture, "llama");
  EXPECT_EQ(text->config.bos_id, 1);
  EXPECT_EQ(text->config.ends, std::vector<TokenId>{2});
  EXPECT_TRUE(text->tokenizer->is_end_of_generation(2));
  EXPECT_THAT(text->config.chat_template, testing::HasSubstr("<|assistant|>"));
}

TEST(HfText, NamesTheFolderWithoutATokenizer) {
  const auto text = open_hf_text({"tests/models"});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::not_found);
  EXPECT_THAT(text.error().message, testing::HasSubstr("tokenizer.json in tests/models"));
}

}  // namespace
}  // namespace tenfold
