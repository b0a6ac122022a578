#include "text/file_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "base/files.h"
#include "formats/hf_folder.h"

namespace tenfold {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// As a model's folder tells.
Result<std::shared_ptr<const Tokenizer>> open_beside(const std::filesystem::path& folder) {
  ModelDescription model;
  TRY(read_hf_folder({folder}, model));
  return open_tokenizer(model.text);
}

std::shared_ptr<const Tokenizer> open(const std::string& name) {
  auto result = open_beside("src/text/testdata/" + name);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return result.ok() ? *result : nullptr;
}

std::string joined(const Tokenizer& tokenizer, const std::vector<TokenId>& tokens) {
  std::string text;
  for (const TokenId token : tokens) text += tokenizer.token_bytes(token);
  return text;
}

/// A folder with the given files, for what the fixtures do not have.
class HfFolder : public testing::Test {
 protected:
  HfFolder() { std::filesystem::create_directories(folder_); }
  ~HfFolder() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& content) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, content).ok());
    return folder_ / name;
  }

  void copy_tokenizer(const std::string& name) {
    std::filesystem::copy("src/text/testdata/" + name + "/tokenizer.json", folder_);
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      testing::UnitTest::GetInstance()->current_test_info()->name();
};

const std::vector<std::string> texts = {
    "The capital of France is Paris.",
    "日本語 and 中文, Ελληνικά, עברית",
    "😀👩‍👩‍👧‍👦 é e\u0301 \u200b",
    "   three spaces,\ttab\r\nline\n\n\n",
    "<|im_start|>user\nHi<|im_end|>",
    "<think>x</think> <|unknown|>",
    "",
    std::string("zero\0byte", 9),
};

TEST(FileTokenizer, TokenBytesOfByteLevelJoinToTheText) {
  const auto tokenizer = open("byte_level");
  for (const auto& text : texts) {
    for (const bool parse_special : {false, true}) {
      const auto tokens = tokenizer->encode(text, true, parse_special);
      ASSERT_TRUE(tokens.ok()) << tokens.error().message;
      EXPECT_EQ(joined(*tokenizer, *tokens), text);
    }
  }
}

TEST(FileTokenizer, ParsesSpecialTokensOnlyWhenAsked) {
  const auto tokenizer = open("byte_level");
  const std::string text = "<|im_start|>hello<|im_end|>";
  EXPECT_THAT(*tokenizer->encode(text, false, true), ElementsAre(1, 261, 314, 81, 2));
  const auto literal = *tokenizer->encode(text, false, false);
  EXPECT_GT(literal.size(), 10U);
  for (const TokenId token : literal) EXPECT_FALSE(tokenizer->is_special(token));
}

TEST(FileTokenizer, ReadsSpecialTokensAndEnds) {
  const auto tokenizer = open("byte_level");
  EXPECT_EQ(tokenizer->vocabulary_size(), 375);
  EXPECT_EQ(tokenizer->end_of_sequence(), 2);
  EXPECT_TRUE(tokenizer->is_end_of_generation(0));
  EXPECT_FALSE(tokenizer->is_end_of_generation(1));
  EXPECT_TRUE(tokenizer->is_special(1));
  EXPECT_FALSE(tokenizer->is_special(373));
  EXPECT_EQ(tokenizer->token_bytes(373), "<think>");
  EXPECT_EQ(tokenizer->token_bytes(374), "日本");
  EXPECT_EQ(tokenizer->bos_text(), "<|im_start|>");
  EXPECT_EQ(tokenizer->eos_text(), "<|im_end|>");
}

TEST(FileTokenizer, KnowsNothingOfIdsOutsideTheVocabulary) {
  const auto tokenizer = open("byte_level");
  for (const TokenId token : {-1, 375, 1 << 30}) {
    EXPECT_EQ(tokenizer->token_bytes(token), "");
    EXPECT_FALSE(tokenizer->is_special(token));
    EXPECT_FALSE(tokenizer->is_end_of_generation(token));
  }
}

TEST(FileTokenizer, TokenBytesOfSentencePieceJoinToTheText) {
  const auto tokenizer = open("sentencepiece");
  for (const auto& text : texts) {
    const auto tokens = tokenizer->encode(text, false, false);
    ASSERT_TRUE(tokens.ok()) << tokens.error().message;
    // The normalizer puts a space before the text.
    EXPECT_EQ(joined(*tokenizer, *tokens), text.empty() ? "" : " " + text);
  }
  EXPECT_EQ(tokenizer->token_bytes(3), std::string(1, '\0'));
  EXPECT_EQ(tokenizer->token_bytes(3 + 0xe9), "\xe9");
  EXPECT_EQ(tokenizer->token_bytes(276), "    ");
}

TEST(FileTokenizer, FindsTheUsualEndWithoutConfiguration) {
  const auto tokenizer = open("sentencepiece");
  EXPECT_EQ(tokenizer->end_of_sequence(), 2);
  EXPECT_EQ(tokenizer->eos_text(), "</s>");
  EXPECT_EQ(tokenizer->bos_text(), "");
  EXPECT_THAT(*tokenizer->encode("hello w", true, false), ElementsAre(1, 274, 275));
}

TEST(FileTokenizer, TakesItsTextAndEndsFromAContainer) {
  const auto json = read_file("tests/models/tiny-llama/tokenizer.json", 1 << 20);
  ASSERT_TRUE(json.ok());
  ModelText config;
  config.begin_token = "<|bos|>";
  config.end_texts = {"<|end|>\n", " <|user|>", "plain"};
  const auto tokenizer = open_tokenizer(TokenizerForm::json, *json, config, "m.bundle");
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_TRUE((*tokenizer)->is_end_of_generation(2)) << "the special token a text begins with";
  EXPECT_FALSE((*tokenizer)->is_end_of_generation(4));
  EXPECT_EQ((*tokenizer)->end_of_sequence(), 2);
  EXPECT_EQ((*tokenizer)->bos_text(), "<|bos|>");
  EXPECT_THAT(open_tokenizer(TokenizerForm::json, "{}", config, "m.bundle").error().message,
              HasSubstr("m.bundle is not a usable tokenizer.json"));
}

TEST(FileTokenizer, TokenBytesOfTheTinyModelJoinToTheText) {
  const auto text = read_file("tests/models/tokenization.txt", 1 << 20);
  const auto tokenizer = open_beside("tests/models/tiny-llama");
  ASSERT_TRUE(text.ok() && tokenizer.ok());
  const auto tokens = (*tokenizer)->encode(*text, false, true);
  ASSERT_TRUE(tokens.ok()) << tokens.error().message;
  EXPECT_EQ(joined(**tokenizer, *tokens), *text);
}

TEST_F(HfFolder, TakesIdsFromTheModelsConfiguration) {
  copy_tokenizer("sentencepiece");
  write("config.json", R"({"text_config": {"bos_token_id": 1, "eos_token_id": 5, "x": null}})");
  write("generation_config.json",
        R"({"eos_token_id": [4, 99999999999, 70000], "bos_token_id": null})");
  const auto tokenizer = open_beside(folder_);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->end_of_sequence(), 4);
  EXPECT_TRUE((*tokenizer)->is_end_of_generation(5));
  EXPECT_FALSE((*tokenizer)->is_end_of_generation(2));
  EXPECT_EQ((*tokenizer)->bos_text(), "<s>");
}

TEST_F(HfFolder, NamesAFileThatIsNotATokenizer) {
  for (const auto* content :
       {"", "version https://git-lfs", "{}", "[1]",
        R"({"version":"1.0","added_tokens":[],"model":{"type":"BPE","vocab":{},"merges":[]}})"}) {
    const auto path = write("tokenizer.json", content);
    const auto result = open_tokenizer(ModelText{.tokenizer = path});
    ASSERT_FALSE(result.ok()) << content;
    EXPECT_EQ(result.error().code, ErrorCode::bad_model);
    EXPECT_THAT(result.error().message, HasSubstr(path));
  }
  EXPECT_EQ(open_tokenizer(ModelText{.tokenizer = folder_ / "none.json"}).error().code,
            ErrorCode::not_found);
}

TEST_F(HfFolder, APanicOfTheLibraryIsAnError) {
  // tokenizers 0.22 panics where the JSON of a decoder is broken.
  const auto path = write("tokenizer.json", R"({"version":"1.0","decoder":{"type":,}})");
  const auto result = open_tokenizer(ModelText{.tokenizer = path});
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("the text library failed: "));
}

TEST_F(HfFolder, ReadsWordPieceAndRefusesOtherDecoders) {
  const std::string head =
      R"({"version":"1.0","added_tokens":[],"model":{"type":"WordPiece","unk_token":"a","continuing_subword_prefix":"##","max_input_chars_per_word":9,"vocab":{"a":0,"##b":1}},"decoder":)";
  write("tokenizer.json", head + R"({"type":"WordPiece","prefix":"##","cleanup":true}})");
  const auto tokenizer = open_beside(folder_);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->token_bytes(0) + (*tokenizer)->token_bytes(1), " ab");
  EXPECT_EQ((*tokenizer)->end_of_sequence(), -1);
  write("tokenizer.json",
        head + R"({"type":"CTC","pad_token":"a","word_delimiter_token":"|","cleanup":true}})");
  EXPECT_THAT(open_beside(folder_).error().message, HasSubstr("decoder 'CTC' is not supported"));
}

TEST(FileTokenizer, RefusesInvalidUtf8) {
  const auto result = open("byte_level")->encode("a\xc3", false, false);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(result.error().message, HasSubstr("not valid UTF-8"));
}

TEST(FileTokenizer, IsThreadSafe) {
  const auto tokenizer = open("byte_level");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (const auto& text : texts) {
        EXPECT_EQ(joined(*tokenizer, *tokenizer->encode(text, false, false)), text);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tenfold
