#include "generation/answer_stream.h"

#include <gtest/gtest.h>

#include <random>

#include "base/files.h"

namespace tenfold {
namespace {

struct Outcome {
  std::string text;
  std::string reasoning;
  std::optional<std::string> stop_string;
  bool operator==(const Outcome&) const = default;
};

Outcome feed(AnswerStream stream, const std::vector<std::string>& parts) {
  Outcome outcome;
  const auto add = [&](const AnswerStream::Parts& piece) {
    EXPECT_TRUE(is_valid_utf8(piece.text));
    EXPECT_TRUE(is_valid_utf8(piece.reasoning));
    outcome.text += piece.text;
    outcome.reasoning += piece.reasoning;
  };
  for (const std::string& part : parts) add(stream.push(part));
  add(stream.finish());
  outcome.stop_string = stream.stop_string();
  return outcome;
}

AnswerStream splitting(std::vector<std::string> stop, bool starts_inside = false) {
  return {std::move(stop), ReasoningSplitter(starts_inside)};
}

TEST(AnswerStream, SplitsReasoningAndStops) {
  EXPECT_EQ(
      feed(splitting({"END"}), {"<thi", "nk>hm\xF0\x9F", "\x98\x80</think>Par", "isEN", "Dx"}),
      (Outcome{"Paris", "hm\xF0\x9F\x98\x80", "END"}));
  EXPECT_EQ(feed(splitting({}, true), {"hm</think>Paris"}), (Outcome{"Paris", "hm", std::nullopt}));
}

TEST(AnswerStream, WithoutASplitterTagsStayInTheText) {
  EXPECT_EQ(feed({{}, std::nullopt}, {"<think>hm</think>Paris"}),
            (Outcome{"<think>hm</think>Paris", "", std::nullopt}));
}

TEST(AnswerStream, AnUnfinishedCharacterDoesNotHideAStopString) {
  EXPECT_EQ(feed(splitting({"END"}), {"Paris EN", "D\xF0\x9F"}), (Outcome{"Paris ", "", "END"}));
  EXPECT_EQ(feed(splitting({"END"}), {"Paris EN\xF0"}),
            (Outcome{"Paris EN\xEF\xBF\xBD", "", std::nullopt}));
}

TEST(AnswerStream, TheCutsDoNotMatter) {
  std::mt19937 random(3);
  const std::vector<std::string> pieces{
      "<think>", "</think>", "STOP", "ST", "a", " ", "\n", "<", "\xF0", "\x9F\x98\x80", "\xC3\xA9"};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += pieces[random() % pieces.size()];
    std::vector<std::string> parts(1);
    for (const char byte : bytes) {
      if (random() % 3 == 0) parts.emplace_back();
      parts.back() += byte;
    }
    ASSERT_EQ(feed(splitting({"STOP", "TOP"}), parts), feed(splitting({"STOP", "TOP"}), {bytes}));
  }
}

TEST(AnswerStream, StopStringsCountAfterTheThought) {
  EXPECT_EQ(feed(splitting({","}, true), {"a, b</think>c, d"}), (Outcome{"c", "a, b", ","}));
}

}  // namespace
}  // namespace tenfold
