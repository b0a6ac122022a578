#include "generation/stop_strings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tenfold {
namespace {

using Strings = std::vector<std::string>;

struct Outcome {
  std::string text;
  std::optional<std::string> matched;
  bool operator==(const Outcome&) const = default;
};

Outcome feed(const Strings& stop, const Strings& parts) {
  StopStrings matcher(stop);
  std::string text;
  for (const std::string& part : parts) text += matcher.push(part);
  text += matcher.finish();
  return {text, matcher.matched()};
}

/// The definition, on the whole text.
Outcome expected(const Strings& stop, const std::string& text) {
  std::size_t first = std::string::npos;
  for (const std::string& s : stop) first = std::min(first, text.find(s));
  if (first == std::string::npos) return {text, std::nullopt};
  const auto winner = std::find_if(stop.begin(), stop.end(), [&](const std::string& s) {
    return text.compare(first, s.size(), s) == 0;
  });
  return {text.substr(0, first), *winner};
}

TEST(StopStrings, LetsTextThroughAtOnceWhenNoStopStringCanBegin) {
  StopStrings matcher({"\nUser:"});
  EXPECT_EQ(matcher.push("Hello"), "Hello");
  EXPECT_EQ(matcher.push(" there\nUs"), " there");
  EXPECT_EQ(matcher.push("ed"), "\nUsed");
  EXPECT_EQ(matcher.push(".\nUser"), ".");
  EXPECT_FALSE(matcher.matched());
  EXPECT_EQ(matcher.push(": Hi"), "");
  EXPECT_EQ(matcher.matched(), "\nUser:");
  EXPECT_EQ(matcher.push("more"), "");
  EXPECT_EQ(matcher.finish(), "");
}

TEST(StopStrings, TheFirstPositionWins) {
  EXPECT_EQ(feed({"bc", "abcd"}, {"abc", "d"}), (Outcome{"", "abcd"}));
  EXPECT_EQ(feed({"bc", "abcd"}, {"abc", "x"}), (Outcome{"a", "bc"}));
  EXPECT_EQ(feed({"bc", "abcd"}, {"abc"}), (Outcome{"a", "bc"}));
}

TEST(StopStrings, AtOnePositionTheFirstInTheListWins) {
  EXPECT_EQ(feed({"ab", "abc"}, {"xab", "c"}), (Outcome{"x", "ab"}));
  EXPECT_EQ(feed({"abc", "ab"}, {"xab", "c"}), (Outcome{"x", "abc"}));
  EXPECT_EQ(feed({"abc", "ab"}, {"xab", "d"}), (Outcome{"x", "ab"}));
}

TEST(StopStrings, FinishGivesBackWhatOnlyLookedLikeAStop) {
  EXPECT_EQ(feed({"</end>"}, {"done</en"}), (Outcome{"done</en", std::nullopt}));
}

TEST(StopStrings, WithoutStopStringsEverythingPasses) {
  EXPECT_EQ(feed({}, {"a", "", "b"}), (Outcome{"ab", std::nullopt}));
}

TEST(StopStrings, NeverLeaksWhateverTheCuts) {
  std::mt19937 random(2);
  const auto word = [&](std::size_t longest) {
    std::string text(1 + random() % longest, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 2);
    return text;
  };
  for (int round = 0; round < 4000; ++round) {
    Strings stop(1 + random() % 3);
    for (std::string& s : stop) s = word(5);
    const std::string text = word(14);
    Strings parts(1);
    for (const char c : text) {
      if (random() % 2 == 0) parts.emplace_back();
      parts.back() += c;
    }
    StopStrings matcher(stop);
    const Outcome whole = expected(stop, text);
    std::string shown;
    for (const std::string& part : parts) {
      shown += matcher.push(part);
      ASSERT_TRUE(whole.text.starts_with(shown)) << "leaked " << shown << " of " << text;
    }
    shown += matcher.finish();
    ASSERT_EQ((Outcome{shown, matcher.matched()}), whole) << text;
  }
}

}  // namespace
}  // namespace tenfold
