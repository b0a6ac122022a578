// What the files of tokenizers are, and what lies in their place.
#include "formats/tokenizer_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

std::string ranks(int count) {
  std::string lines;
  for (int rank = 0; rank < count; ++rank) lines += "AA== " + std::to_string(rank) + "\n";
  return lines;
}

Error refused(const std::string& bytes, const std::string& name) {
  const auto file = read_tokenizer_file(bytes, name);
  EXPECT_FALSE(file.ok()) << name;
  return file.ok() ? Error() : file.error();
}

TEST(TokenizerFileTest, TellsTheFamilyByTheRanksAndNotByEmptyLines) {
  const std::string llama3 = ranks(128'000);
  for (const std::string& bytes : {llama3, "\n" + llama3, " \r\n\n" + llama3, llama3 + "\n",
                                   llama3 + "\r\n \t\f\n", llama3.substr(0, llama3.size() - 1)}) {
    const auto file = read_tokenizer_file(bytes, "tokenizer.model");
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->vocabulary, 128'000);
    EXPECT_EQ(file->turn_mark, "<|start_header_id|>");
  }
  EXPECT_EQ(read_tokenizer_file(ranks(151'643) + "\n", "qwen.tiktoken")->turn_mark, "<|im_start|>");
  for (const int count : {2, 50'256, 100'256, 128'001, 199'998}) {
    const auto file = read_tokenizer_file(ranks(count), "tokenizer.model");
    EXPECT_EQ(file->vocabulary, count);
    EXPECT_EQ(file->turn_mark, "") << count;
  }
}

TEST(TokenizerFileTest, SaysWhatLiesInItsPlace) {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\n";
  for (const char* name : {"tokenizer.model", "tokenizer.json"}) {
    const Error lfs = refused(pointer, name);
    EXPECT_EQ(lfs.code, ErrorCode::bad_model);
    EXPECT_EQ(lfs.message,
              std::string(name) + " is not a tokenizer; it looks like a Git LFS pointer");
    EXPECT_THAT(lfs.hint, HasSubstr("git lfs pull"));
    EXPECT_THAT(refused("<!doctype html><p>404</p>", name).hint, HasSubstr("went to a web page"));
    EXPECT_THAT(refused(R"({"error": "no access"})", name).message,
                HasSubstr("an error message in JSON"));
    EXPECT_THAT(refused("Entry not found", name).message, HasSubstr("a text file"));
  }
  EXPECT_THAT(refused("[1, 2]", "tokenizer.model").message, HasSubstr("a JSON file"));
  EXPECT_THAT(refused(R"({"version": "1.0")", "tokenizer.model").message,
              HasSubstr("is damaged or incomplete as JSON"));
  const std::string whole = *read_file("src/text/testdata/reference/llama.model", 1 << 20);
  EXPECT_THAT(refused(whole.substr(0, 1001), "tokenizer.model").message,
              HasSubstr("is damaged as a SentencePiece model"));
}

}  // namespace
}  // namespace tenfold
