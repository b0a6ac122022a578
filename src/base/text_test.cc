#include "base/text.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(LowerCase, ChangesAsciiLettersOnly) {
  EXPECT_EQ(lower_case("Q4_K-M.GGUF"), "q4_k-m.gguf");
  EXPECT_EQ(lower_case("\xc3\x84@[Z"), "\xc3\x84@[z");
  EXPECT_EQ(lower_case(""), "");
}

TEST(FoldCase, MakesTextsTheSameThatDifferInCaseOnly) {
  EXPECT_EQ(fold_case("Straße ÄÖ"), fold_case("straße äö"));
  EXPECT_EQ(fold_case("ΟΔΥΣΣΕΥΣ"), fold_case("οδυσσευς"));
  EXPECT_EQ(fold_case("ПРИВЕТ"), "привет");
  EXPECT_EQ(fold_case("日本 😀"), "日本 😀");
  EXPECT_NE(fold_case("é"), fold_case("e"));
}

TEST(FoldCase, KeepsBytesThatAreNoUtf8) {
  EXPECT_EQ(fold_case(std::string("A\xff\0B\xc3", 5)), std::string("a\xff\0b\xc3", 5));
  EXPECT_EQ(fold_case(""), "");
}

TEST(SizeText, HasTwoOrThreeDigitsAndAUnit) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1536), "1.5 KiB");
  EXPECT_EQ(size_text(98'362'432), "94 MiB");
  EXPECT_EQ(size_text(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(size_text(std::uint64_t{1} << 60), "1048576 TiB");
}

}  // namespace
}  // namespace tenfold
