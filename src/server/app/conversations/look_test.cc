#include "server/app/conversations/look.h"

#include <gtest/gtest.h>

namespace tenfold::server::conversations {
namespace {

std::vector<ChatMessage> exchanges(int count) {
  std::vector<ChatMessage> branch;
  for (int i = 0; i < count; ++i) {
    branch.push_back({"user", "q"});
    branch.back().id = 2 * i + 1;
    branch.push_back({"assistant", "a"});
    branch.back().id = 2 * i + 2;
  }
  return branch;
}

TEST(FirstFitting, IsTheOldestQuestionFromWhichAllFits) {
  const auto branch = exchanges(100);
  int counts = 0;
  const auto ten_tokens_each = [&](std::size_t from) -> Result<std::size_t> {
    ++counts;
    return 10 * (branch.size() - from);
  };
  EXPECT_EQ(first_fitting(branch, 101, ten_tokens_each).value(), 191) << "10 messages fit";
  EXPECT_EQ(first_fitting(branch, 100, ten_tokens_each).value(), 193) << "one has to be free";
  EXPECT_LT(counts, 20);
  EXPECT_EQ(first_fitting(branch, 20, ten_tokens_each).value(), std::nullopt);
  EXPECT_EQ(first_fitting(branch, 5000, ten_tokens_each).value(), 1);
}

TEST(LookJson, TokensThatAreNoTextHaveNone) {
  LoadedModel model;
  model.info.context_size = 3;
  const PreparedPrompt prompt{"Hé", {7, 8, 9}, {"H", "\xC3", "\xA9"}};
  const Json json = look_json(model, prompt, true, {});
  EXPECT_EQ(json["tokens"][0], Json({{"id", 7}, {"text", "H"}}));
  EXPECT_EQ(json["tokens"][1]["text"], Json());
  EXPECT_EQ(json["prompt_tokens"], 3);
  EXPECT_EQ(json["room"], 0);
  EXPECT_EQ(json["fits"], false);
  EXPECT_EQ(look_json(model, prompt, false, {})["tokens"], Json());
}

}  // namespace
}  // namespace tenfold::server::conversations
