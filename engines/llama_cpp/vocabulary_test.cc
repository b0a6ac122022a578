// The tokenizer of a GGUF file.
#include "vocabulary.h"

#include "testing/model_fixture.h"

namespace tenfold::llama_cpp {
namespace {

using VocabularyTest = ModelFixture;

TEST_F(VocabularyTest, EncodesAndDecodes) {
  const auto model = open(small_llama());
  const Tokenizer& tokenizer = model->tokenizer();
  const std::string text = "so h\xc3\xa9 \xf0\x9f\x98\x80 ate";
  const auto plain = tokenizer.encode(text, false, false);
  ASSERT_TRUE(plain.ok());
  std::string back;
  for (const TokenId token : *plain) back += tokenizer.token_bytes(token);
  EXPECT_EQ(back, " " + text) << "SentencePiece starts with a space";
  auto special = *tokenizer.encode(text, true, false);
  EXPECT_EQ(special.front(), 1);
  special.erase(special.begin());
  EXPECT_EQ(special, *plain);
  EXPECT_THAT(*tokenizer.encode("</s>", false, true), testing::ElementsAre(2));
  EXPECT_GT(tokenizer.encode("</s>", false, false)->size(), 1U);
  EXPECT_TRUE(tokenizer.encode("", false, false)->empty());
  EXPECT_GT(tokenizer.encode(std::string(5000, '!'), false, false)->size(), 4999U);
}

TEST_F(VocabularyTest, KnowsSpecialTokens) {
  const auto model = open(small_llama());
  const Tokenizer& tokenizer = model->tokenizer();
  EXPECT_TRUE(tokenizer.is_special(1));
  EXPECT_TRUE(tokenizer.is_special(2));
  EXPECT_FALSE(tokenizer.is_special(300));
  EXPECT_FALSE(tokenizer.is_special(-1));
  EXPECT_TRUE(tokenizer.is_end_of_generation(2));
  EXPECT_FALSE(tokenizer.is_end_of_generation(1));
  EXPECT_FALSE(tokenizer.is_end_of_generation(1 << 30));
  EXPECT_EQ(tokenizer.end_of_sequence(), 2);
  EXPECT_EQ(tokenizer.bos_text(), "<s>");
  EXPECT_EQ(tokenizer.eos_text(), "</s>");
  EXPECT_EQ(tokenizer.token_bytes(-1), "");
  EXPECT_EQ(tokenizer.token_bytes(tokenizer.vocabulary_size()), "");
  EXPECT_EQ(tokenizer.token_bytes(tokenizer.vocabulary_size() - 1).size(), 72U);
}

TEST_F(VocabularyTest, AnUnknownTokenizerIsNamed) {
  std::string bytes = small_llama().build();
  const auto key = bytes.find("tokenizer.ggml.model");
  ASSERT_NE(key, std::string::npos);
  bytes.replace(bytes.find("llama", key), 5, "weird");
  const auto refused = try_open(write_bytes("w.gguf", bytes));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::unsupported);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("unknown tokenizer: 'weird'"));
}

}  // namespace
}  // namespace tenfold::llama_cpp
