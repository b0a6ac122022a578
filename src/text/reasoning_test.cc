#include "text/reasoning.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenfold {
namespace {

struct Case {
  std::string answer;
  bool starts_inside;
  std::string reasoning;
  std::string text;
};

const std::vector<Case> cases = {
    {"Hello.", false, "", "Hello."},
    {"", false, "", ""},
    {"  \n", false, "", "  \n"},
    {" plain", false, "", " plain"},
    {"<think>\nHm.\n</think>\n\nYes.", false, "Hm.\n", "Yes."},
    {"\n <think>Hm.</think>Yes.", false, "Hm.", "Yes."},
    {"<think></think>Yes.", false, "", "Yes."},
    {"<think>\r\n\n</think>  ", false, "", ""},
    {"<think>cut off", false, "cut off", ""},
    {"<think>cut off</thin", false, "cut off</thin", ""},
    {"<think>a < b </ c <</think> </think> d", false, "a < b </ c <", "</think> d"},
    {"<think> deep</think> x <think>y</think> z", false, " deep", "x <think>y</think> z"},
    {"<thinker>", false, "", "<thinker>"},
    {" <th", false, "", " <th"},
    {"Say <think>no</think>.", false, "", "Say <think>no</think>."},
    {"\nHm.</think>\nYes.", true, "Hm.", "Yes."},
    {"never ends", true, "never ends", ""},
    {"<think>日本 ü</think>é ", false, "日本 ü", "é "},
};

ReasoningSplitter::Parts split(const Case& test, const std::vector<std::size_t>& cuts) {
  ReasoningSplitter splitter(test.starts_inside);
  ReasoningSplitter::Parts whole;
  const auto add = [&](const ReasoningSplitter::Parts& parts) {
    whole.text += parts.text;
    whole.reasoning += parts.reasoning;
  };
  std::size_t begin = 0;
  for (const std::size_t end : cuts) {
    add(splitter.push(std::string_view(test.answer).substr(begin, end - begin)));
    begin = end;
  }
  add(splitter.push(std::string_view(test.answer).substr(begin)));
  add(splitter.finish());
  return whole;
}

TEST(ReasoningSplitter, GivesTheSameForEveryCut) {
  for (const Case& test : cases) {
    SCOPED_TRACE(test.answer);
    const std::size_t size = test.answer.size();
    std::vector<std::vector<std::size_t>> ways = {{}};
    for (std::size_t first = 0; first <= size; ++first) {
      for (std::size_t second = first; second <= size; ++second) ways.push_back({first, second});
    }
    std::vector<std::size_t> every;
    for (std::size_t position = 1; position < size; ++position) every.push_back(position);
    ways.push_back(every);
    for (const auto& cuts : ways) {
      const auto parts = split(test, cuts);
      ASSERT_EQ(parts.reasoning, test.reasoning);
      ASSERT_EQ(parts.text, test.text);
    }
  }
}

TEST(ThoughtForm, IsToldByTheTemplate) {
  EXPECT_EQ(find_thought_form("{{ m.content }}"), nullptr);
  EXPECT_EQ(find_thought_form("{{ m.content.split('</think>')[-1] }}"), &usual_thought_form());
  EXPECT_EQ(find_thought_form("<seed:think>")->close, "</seed:think>");
  EXPECT_EQ(find_thought_form("[THINK]{{ x }}[/THINK]")->open, "[THINK]");
}

TEST(ThoughtForm, LooksAtTheEndOfThePrompt) {
  const ThoughtForm& form = usual_thought_form();
  EXPECT_TRUE(ends_in_open_thought("<|assistant|>\n<think>", form));
  EXPECT_TRUE(ends_in_open_thought("<|assistant|>\n<think>\n\n", form));
  EXPECT_FALSE(ends_in_open_thought("What does <think> mean?", form));
  EXPECT_FALSE(ends_in_open_thought("<think>\n\n</think>\n\n", form));
  EXPECT_FALSE(ends_in_open_thought("", form));
}

/// Whatever the family, at any border of its bytes.
TEST(ReasoningSplitter, ReadsTheMarksOfEachFamily) {
  for (const char* shown :
       {"<think>", "<seed:think>", "<mm:think>", "[THINK]", "<|START_THINKING|>",
        "<|channel>thought", "<|channel|>analysis<|message|>"}) {
    const ThoughtForm* form = find_thought_form(shown);
    ASSERT_NE(form, nullptr) << shown;
    const std::string answer =
        std::string(form->open) + "\nHm." + std::string(form->close) + "\n\nYes. " + shown;
    for (std::size_t cut = 0; cut <= answer.size(); ++cut) {
      ReasoningSplitter splitter(false, *form);
      auto parts = splitter.push(answer.substr(0, cut));
      for (const auto& more : {splitter.push(answer.substr(cut)), splitter.finish()}) {
        parts.text += more.text;
        parts.reasoning += more.reasoning;
      }
      ASSERT_EQ(parts.reasoning, "Hm.") << shown << " cut at " << cut;
      ASSERT_EQ(parts.text, std::string("Yes. ") + shown) << shown << " cut at " << cut;
    }
  }
}

TEST(ReasoningSplitter, AnAnswerMayBeginWithAMarkOfItsOwn) {
  const ThoughtForm* harmony = find_thought_form("<|channel|>analysis<|message|>");
  ReasoningSplitter splitter(false, *harmony);
  EXPECT_TRUE(splitter.is_mark("<|channel|>"));
  EXPECT_EQ(splitter.push("<|channel|>fin").text, "");
  EXPECT_EQ(splitter.push("al<|message|>Yes").text, "Yes");
  EXPECT_FALSE(splitter.is_mark("<|channel|>")) << "in the answer it is hidden as ever";
}

TEST(ReasoningSplitter, HoldsBackOnlyWhatMayBeATag) {
  ReasoningSplitter splitter;
  EXPECT_EQ(splitter.push("<think>one < two").reasoning, "one < two");
  EXPECT_EQ(splitter.push(" </t").reasoning, " ");
  EXPECT_EQ(splitter.push("hree").reasoning, "</three");
  EXPECT_EQ(splitter.push("</think>").reasoning, "");
  EXPECT_EQ(splitter.push(" four <").text, "four <");
}

}  // namespace
}  // namespace tenfold
