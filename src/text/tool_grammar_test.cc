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

/// References of any kind, as they may stand in a format.
TEST_F(ToolGrammarTest, ReferencesIntoTheSchemaHold) {
  const Tool places{"places", "", R"({"type": "object", "properties": {"home": {"enum": ["a", "b"]},
      "work": {"$ref": "#/properties/home"}}, "required": ["home", "work"]})"};
  const Tool list{"list", "", R"({"type": "object", "properties": {"v": {"type": "integer"},
      "next": {"$ref": "#"}}, "required": ["v"]})"};
  const ToolForm named = *find_tool_form("[TOOL_CALLS][ARGS]");
  const ToolForm coder = *find_tool_form("<function=<parameter=");
  for (const ToolForm& form : {generic_tool_form(), named, coder}) {
    for (unsigned seed = 0; seed < 4; ++seed) {
      const std::string text = walk({form, {places}, false}, seed);
      ToolCallSplitter splitter(form, {"places"}, {places});
      auto calls = splitter.push(text).tool_calls;
      if (calls.empty()) calls = splitter.finish().tool_calls;
      ASSERT_EQ(calls.size(), 1U) << text;
      const json arguments = json::parse(calls[0].arguments);
      EXPECT_TRUE(arguments["work"] == "a" || arguments["work"] == "b") << text;
    }
  }
  // walk() expects that the grammar takes this beginning.
  walk({generic_tool_form(), {list}, false}, 1,
       "<tool_call>\n{\"name\": \"list\", \"arguments\": {\"v\": 1, \"next\": {\"v\": 2}");
}

TEST_F(ToolGrammarTest, ElementsFollowTheSchema) {
  const Tool note{"note", "", R"({"type": "object", "properties": {"text": {"type": "string"},
      "level": {"type": "integer"}, "kind": {"enum": ["a", "b"]}}, "required": ["text", "kind"]})"};
  for (const char* shown : {"<function=<parameter=", "<seed:tool_call><parameter=",
                            "<tool_call><arg_key>", "<minimax:tool_call><invoke name="}) {
    const ToolForm& form = *find_tool_form(shown);
    for (unsigned seed = 0; seed < 6; ++seed) {
      const std::string text = walk({form, {note}, false}, seed);
      ToolCallSplitter splitter(form, {"note"}, {note});
      auto calls = splitter.push(text).tool_calls;
      if (calls.empty()) calls = splitter.finish().tool_calls;
      if (calls.empty()) continue;  // a random text that has not ended
      const json arguments = json::parse(calls[0].arguments);
      EXPECT_TRUE(arguments["text"].is_string()) << text;
      EXPECT_TRUE(arguments["kind"] == "a" || arguments["kind"] == "b") << text;
      EXPECT_TRUE(!arguments.contains("level") || arguments["level"].is_number_integer()) << text;
    }
  }
  // walk() expects that the grammar takes this beginning.
  const std::string text =
      walk({*find_tool_form("<function=<parameter="), {note}, false}, 1,
           "<tool_call>\n<function=note>\n<parameter=text>\nif a < b:\n  c\n</parameter>\n"
           "<parameter=kind>\na\n</parameter>\n</function>\n</tool_call>");
}

TEST_F(ToolGrammarTest, PartsOfASchemaAreNotClosedAgainstEachOther) {
  const Tool both{"stop", "", R"({"allOf": [
      {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
      {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}]})"};
  // walk() expects that the grammar takes this beginning.
  walk({generic_tool_form(), {both}, false}, 1,
       "<tool_call>\n{\"name\": \"stop\", \"arguments\": {\"a\": 1, \"b\": 2}");
}

TEST_F(ToolGrammarTest, AnAnswerMayMatchItsSchemaInstead) {
  int answers = 0;
  int calls = 0;
  for (unsigned seed = 0; seed < 12; ++seed) {
    const std::string text =
        walk({generic_tool_form(), {stop}, false, R"({"type": "integer"})"}, seed);
    const bool is_call = text.starts_with("<");
    ++(is_call ? calls : answers);
    EXPECT_TRUE(is_call || json::parse(text).is_number_integer()) << text;
  }
  EXPECT_GT(answers, 0);
  EXPECT_GT(calls, 0);
}

}  // namespace
}  // namespace tenfold
