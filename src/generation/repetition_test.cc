#include "generation/repetition.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace tenfold {
namespace {

using Tokens = std::vector<TokenId>;

/// A word, a number's digit or a sign a token, as tokenizers do it; spaces go with what follows.
Tokens tokens_of(const std::string& text) {
  static std::map<std::string, TokenId> known;
  Tokens tokens;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + (text[at] == ' ' && at + 1 < text.size() ? 1 : 0);
    if (std::isalpha(static_cast<unsigned char>(text[end])) != 0) {
      while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end])) != 0) ++end;
    } else {
      ++end;
    }
    const auto id = static_cast<TokenId>(known.size());
    tokens.push_back(known.try_emplace(text.substr(at, end - at), id).first->second);
    at = end;
  }
  return tokens;
}

/// Whether any of the looks at the growing answer finds that it repeats itself.
bool is_stopped(const Tokens& answer) {
  for (std::size_t size = repetition_interval; size <= answer.size(); size += repetition_interval) {
    if (repeats_endlessly({answer.data(), size})) return true;
  }
  return false;
}

Tokens cycle(std::size_t period, std::size_t length) {
  Tokens tokens;
  for (std::size_t i = 0; i < length; ++i) tokens.push_back(static_cast<TokenId>(i % period));
  return tokens;
}

TEST(Repetition, TheSameCycleForLongIsEndless) {
  for (const std::size_t period : {1, 2, 7, 63, 64}) {
    EXPECT_FALSE(repeats_endlessly(cycle(period, 511))) << period;
    EXPECT_TRUE(repeats_endlessly(cycle(period, 512))) << period;
  }
  EXPECT_FALSE(repeats_endlessly(cycle(100, 799)));
  EXPECT_TRUE(repeats_endlessly(cycle(100, 800)));
  EXPECT_TRUE(repeats_endlessly(cycle(256, 2048)));
  EXPECT_FALSE(repeats_endlessly(cycle(257, 4000))) << "longer than what is seen";
}

TEST(Repetition, WhatCameBeforeDoesNotHideIt) {
  std::mt19937 random(1);
  Tokens answer(1000);
  for (TokenId& token : answer) token = static_cast<TokenId>(random() % 50000);
  const Tokens loop = cycle(13, 512);
  answer.insert(answer.end(), loop.begin(), loop.end());
  EXPECT_TRUE(repeats_endlessly(answer));
  answer.push_back(99);
  EXPECT_FALSE(repeats_endlessly(answer)) << "it has ended";
}

TEST(Repetition, ASentenceOverAndOverIsStopped) {
  std::string text = "Of course. ";
  for (int i = 0; i < 60; ++i) text += "I am here to help you with whatever you need. ";
  EXPECT_TRUE(is_stopped(tokens_of(text)));
}

TEST(Repetition, TextsThatRepeatForAReasonAreNot) {
  std::string list;
  std::string table = "| day | rain | sun |\n|---|---|---|\n";
  std::string code = "static const unsigned char table[] = {\n";
  std::string json = "[";
  std::string song;
  for (int i = 0; i < 400; ++i) {
    const std::string n = std::to_string(i);
    list += n + ". The number is even or odd.\n";
    table += "| " + n + " | 0 | 0 |\n";
    code += "  case " + n + ": return 0x00;\n";
    json += R"({"id": )" + n + R"(, "tags": [], "value": null}, )";
    song += n + " bottles of beer on the wall, " + n + " bottles of beer.\n";
  }
  std::string same_rows;  // a table whose rows are all alike, as long as one has patience to read
  for (int i = 0; i < 40; ++i) same_rows += "| 0 | 0 | 0 | 0 |\n";
  std::string zeros = "int grid[8][8] = {\n";
  for (int i = 0; i < 8; ++i) zeros += "  {0, 0, 0, 0, 0, 0, 0, 0},\n";
  std::string close;
  for (int i = 0; i < 60; ++i) close += "    }\n";
  std::string chorus;
  for (int i = 0; i < 12; ++i) {
    chorus += "Verse " + std::to_string(i) + ":\n";
    for (int j = 0; j < 8; ++j) chorus += "Na na na na, hey hey hey, goodbye.\n";
  }
  const std::string line(400, '-');
  for (const auto& text : {list, table, code, json, song, same_rows, zeros, close, chorus, line}) {
    EXPECT_FALSE(is_stopped(tokens_of(text))) << text.substr(0, 80);
  }
}

TEST(Repetition, NoiseIsNot) {
  std::mt19937 random(7);
  for (const unsigned letters : {2U, 3U, 50U}) {
    Tokens answer(20000);
    for (TokenId& token : answer) token = static_cast<TokenId>(random() % letters);
    EXPECT_FALSE(is_stopped(answer)) << letters;
  }
}

}  // namespace
}  // namespace tenfold
