#include "generation/utf8_assembler.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/files.h"

namespace tenfold {
namespace {

using Bytes = std::vector<std::string>;

std::string assemble(const Bytes& parts) {
  Utf8Assembler assembler;
  std::string text;
  for (const std::string& part : parts) {
    const std::string piece = assembler.push(part);
    EXPECT_TRUE(is_valid_utf8(piece)) << "only whole characters may come out";
    text += piece;
  }
  return text + assembler.finish();
}

TEST(Utf8Assembler, HoldsAnUnfinishedCharacterBack) {
  Utf8Assembler assembler;
  EXPECT_EQ(assembler.push("caf\xC3"), "caf");
  EXPECT_EQ(assembler.push("\xA9!"), "\xC3\xA9!");
  EXPECT_EQ(assembler.push("\xF0"), "");
  EXPECT_EQ(assembler.push("\x9F\x98"), "");
  EXPECT_EQ(assembler.push("\x80"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(assembler.finish(), "");
}

TEST(Utf8Assembler, ReplacesMaximalSubparts) {
  const std::string r = "\xEF\xBF\xBD";
  // The example of The Unicode Standard 15.0, table 3-8 and its neighbours.
  EXPECT_EQ(assemble({"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"}),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(assemble({"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"}),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(assemble({"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"}),
            r + r + r + r + r + "A" + r + r + "B");
  EXPECT_EQ(assemble({"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"}), r + r + r + r + "A");
}

TEST(Utf8Assembler, AnUnfinishedEndIsOneReplacement) {
  EXPECT_EQ(assemble({"a\xF0\x9F\x98"}), "a\xEF\xBF\xBD");
}

TEST(Utf8Assembler, KeepsEveryCodePointAtTheBordersOfTheRanges) {
  for (const char* text :
       {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(assemble({text}), text);
  }
}

TEST(Utf8Assembler, TheCutsDoNotMatter) {
  std::mt19937 random(1);
  const std::string interesting("aZ\n\x80\xBF\xC2\xE0\xE1\xED\xF0\xF1\xF4\xFF\x9F\xA0\x90", 16);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = 0; i < 12; ++i) bytes += interesting[random() % interesting.size()];
    Bytes parts(1);
    for (const char byte : bytes) {
      if (random() % 3 == 0) parts.emplace_back();
      parts.back() += byte;
    }
    ASSERT_EQ(assemble(parts), assemble({bytes}));
  }
}

}  // namespace
}  // namespace tenfold
