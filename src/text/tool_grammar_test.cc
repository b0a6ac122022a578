// Any tokens that a grammar of calls allows are calls that match their tools' schemas.
#include "text/tool_grammar.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "text/constraint.h"
#include "text/file_tokenizer.h"
#include "text/tool_calls.h"

namespace tenfold {
namespace {

using nlohmann::json;

const Tool paint{"paint", "", R"({"type": "object", "additionalProperties": false,
    "properties": {"colour": {"$ref": "#/$defs/colour"}, "coats": {"type": "integer"}},
    "required": ["colour"], "$defs": {"colour": {"enum": ["red", "blue"]}}})"};
const Tool stop{"stop", "", R"({"type": "object", "additionalProperties": false})"};

class ToolGrammarTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    tokenizer_ = *open_tokenizer({.tokenizer = "src/text/testdata/byte_level/tokenizer.json"});
    vocabulary_ = *ConstraintVocabulary::create(*tokenizer_);
  }

  /// Picks allowed tokens at random, after those of `begin`, until the answer ends.
  static std::string walk(const ToolGrammar& grammar, unsigned seed,
                          const std::string& begin = "") {
    auto matcher = ConstraintMatcher::create(*vocabulary_, tool_constraint(grammar, *tokenizer_));
    EXPECT_TRUE(matcher.ok()) << matcher.error().message << "\n"
                              << tool_constraint(grammar, *tokenizer_).text;
    if (!matcher.ok()) return "";
    const auto first = tokenizer_->encode(begin, false, false);
    EXPECT_TRUE(first.ok());
    for (const TokenId token : *first) {
      EXPECT_TRUE(matcher->mask().ok());
      EXPECT_TRUE(matcher->accept(token).ok());
    }
    std::mt19937 random(seed);
    std::string text;
    for (int step = 0; step < 2000 && !matcher->is_finished(); ++step) {
      const auto mask = matcher->mask();
      EXPECT_TRUE(mask.ok()) << mask.error().message;
      if (!mask.ok()) break;
      std::vector<TokenId> allowed;
      for (TokenId id = 0; id < tokenizer_->vocabulary_size(); ++id) {
        if (((*mask)[static_cast<std::size_t>(id / 32)] >> (id % 32) & 1U) == 0) continue;
        if (tokenizer_->is_end_of_generation(id)) return text;
        const std::string bytes = tokenizer_->token_bytes(id);
        const bool ends_something = bytes == "\"" || bytes == "}" || bytes == "<";
        // Soon, as a random string would seldom end.
        allowed.insert(allowed.end(), ends_something ? 20 : 1, id);
      }
      if (allowed.empty()) break;
      const TokenId token = allowed[random() % allowed.size()];
      EXPECT_TRUE(matcher->accept(token).ok());
      text += tokenizer_->token_bytes(token);
    }
    return text;
  }

  static std::vector<ToolCall> calls_in(const ToolForm& form, const std::string& text) {
    ToolCallSplitter splitter(form, {"paint", "stop"});
    auto parts = splitter.push(text);
    const auto rest = splitter.finish();
    parts.tool_calls.insert(parts.tool_calls.end(), rest.tool_calls.begin(), rest.tool_calls.end());
    EXPECT_EQ(parts.text + rest.text, "") << text;
    return parts.tool_calls;
  }

  static std::shared_ptr<const Tokenizer> tokenizer_;
  static std::optional<ConstraintVocabulary> vocabulary_;
};
std::shared_ptr<const Tokenizer> ToolGrammarTest::tokenizer_;
std::optional<ConstraintVocabulary> ToolGrammarTest::vocabulary_;

TEST_F(ToolGrammarTest, ForcesCallsInEveryForm) {
  for (const char* source :
       {"<tool_call>\"arguments", "\"parameters\": dictionary of argument name", "[TOOL_CALLS]",
        "[TOOL_CALLS][ARGS]", "<|tool_call|>", "<｜tool▁sep｜>", "<｜tool▁sep｜>```json",
        "<start_function_call>", "<|tool_call>call:", "<function=</function>python_tag"}) {
    const ToolForm* form = find_tool_form(source);
    ASSERT_NE(form, nullptr) << source;
    const bool is_gemma = form->payload == ToolForm::Payload::gemma;
    for (unsigned seed = 0; seed < 6; ++seed) {
      const std::string text = walk({*form, {paint, stop}, seed % 2 == 0}, seed);
      const auto calls = calls_in(*form, text);
      ASSERT_FALSE(calls.empty()) << source << ": " << text;
      EXPECT_TRUE(seed % 2 == 0 || calls.size() == 1) << text;
      for (const ToolCall& call : calls) {
        if (call.name != "paint") continue;
        const json arguments = json::parse(call.arguments);
        ASSERT_TRUE(arguments.contains("colour")) << text;
        const bool is_known = arguments["colour"] == "red" || arguments["colour"] == "blue";
        EXPECT_TRUE(is_known || is_gemma) << text;
        EXPECT_TRUE(arguments.value("coats", json(0)).is_number_integer()) << text;
      }
    }
  }
}

TEST_F(ToolGrammarTest, ANamedToolIsTheOnlyOne) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    const auto calls = calls_in(generic_tool_form(), walk({generic_tool_form(), {stop}}, seed));
    ASSERT_FALSE(calls.empty());
    for (const ToolCall& call : calls) EXPECT_EQ(call.name, "stop");
  }
}

TEST_F(ToolGrammarTest, ListedFieldsAreAllThereAre) {
  const Tool place{"paint", "", R"({"type": "object", "properties": {"colour": {"enum": ["red"]},
      "at": {"type": "object", "properties": {"x": {"type": "integer"}}}}})"};
  for (unsigned seed = 0; seed < 8; ++seed) {
    const auto calls =
        calls_in(generic_tool_form(), walk({generic_tool_form(), {place}, false}, seed));
    ASSERT_EQ(calls.size(), 1U);
    const json arguments = json::parse(calls[0].arguments);
    for (const auto& [name, value] : arguments.items()) {
      EXPECT_TRUE(name == "colour" || name == "at") << calls[0].arguments;
    }
    const json place_at = arguments.value("at", json::object());
    for (const auto& [name, value] : place_at.items()) {
      EXPECT_EQ(name, "x") << calls[0].arguments;
    }
  }
}

TEST_F(ToolGrammarTest, PartsOfASchemaAreNotClosedAgainstEachOther) {
  const Tool both{"stop", "", R"({"allOf": [
      {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
      {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}]})"};
  // walk() expects that the grammar takes this beginning.
  walk({generic_tool_form(), {both}, false}, 1,
       "<tool_call>\n{\"name\": \"stop\", \"arguments\": {\"a\": 1, \"b\": 2}");
}

TEST_F(ToolGrammarTest, CallsMayComeAfterReasoning) {
  const std::string text = walk({generic_tool_form(), {stop}, false, true}, 3, "Hm.</think>");
  EXPECT_EQ(calls_in(generic_tool_form(), text).size(), 1U);
}

TEST_F(ToolGrammarTest, AnAnswerMayMatchItsSchemaInstead) {
  int answers = 0;
  int calls = 0;
  for (unsigned seed = 0; seed < 12; ++seed) {
    const std::string text =
        walk({generic_tool_form(), {stop}, false, false, R"({"type": "integer"})"}, seed);
    const bool is_call = text.starts_with("<");
    ++(is_call ? calls : answers);
    EXPECT_TRUE(is_call || json::parse(text).is_number_integer()) << text;
  }
  EXPECT_GT(answers, 0);
  EXPECT_GT(calls, 0);
}

}  // namespace
}  // namespace tenfold
