#include "text/constraint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "text/file_tokenizer.h"

namespace tenfold {
namespace {

using testing::HasSubstr;

class ConstraintTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto tokenizer = open_tokenizer({.tokenizer = "src/text/testdata/byte_level/tokenizer.json"});
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message;
    tokenizer_ = *tokenizer;
    auto vocabulary = ConstraintVocabulary::create(*tokenizer_);
    ASSERT_TRUE(vocabulary.ok()) << vocabulary.error().message;
    vocabulary_ = *vocabulary;
  }

  static Result<ConstraintMatcher> matcher(Constraint::Kind kind, const std::string& text) {
    return ConstraintMatcher::create(*vocabulary_, {kind, text});
  }

  static std::vector<TokenId> allowed(ConstraintMatcher& matcher) {
    std::vector<TokenId> tokens;
    const auto mask = matcher.mask();
    EXPECT_TRUE(mask.ok()) << mask.error().message;
    if (!mask.ok()) return tokens;
    EXPECT_EQ(mask->size(), 12U);  // 375 tokens
    for (TokenId id = 0; id < static_cast<TokenId>(mask->size() * 32); ++id) {
      const auto word = (*mask)[static_cast<std::size_t>(id / 32)];
      if ((word >> (id % 32) & 1U) != 0) tokens.push_back(id);
    }
    EXPECT_TRUE(tokens.empty() || tokens.back() < tokenizer_->vocabulary_size());
    return tokens;
  }

  /// Picks allowed tokens at random until an end token; the answer's text.
  static std::string walk(ConstraintMatcher matcher, unsigned seed) {
    std::mt19937 random(seed);
    std::string text;
    for (int step = 0; step < 3000; ++step) {
      const auto tokens = allowed(matcher);
      if (tokens.empty()) break;
      TokenId token = tokens[random() % tokens.size()];
      // End soon where it may: a random string would seldom find its quote.
      for (const TokenId id : tokens) {
        const auto bytes = tokenizer_->token_bytes(id);
        if (step > 20 && (bytes == "\"" || tokenizer_->is_end_of_generation(id))) token = id;
      }
      EXPECT_TRUE(matcher.accept(token).ok());
      if (tokenizer_->is_end_of_generation(token)) return text;
      text += tokenizer_->token_bytes(token);
    }
    ADD_FAILURE() << "no end: " << text;
    return text;
  }

  static inline std::shared_ptr<const Tokenizer> tokenizer_;
  static inline std::optional<ConstraintVocabulary> vocabulary_;
};

const std::string schema = R"({
  "type": "object", "additionalProperties": false, "required": ["name", "age", "tags"],
  "properties": {
    "name": {"type": "string", "maxLength": 12},
    "age": {"type": "integer", "minimum": 0, "maximum": 150},
    "tags": {"type": "array", "items": {"enum": ["one", "two", null]}, "maxItems": 3},
    "active": {"type": "boolean"}
  }})";

TEST_F(ConstraintTest, RandomWalksUnderASchemaValidate) {
  const auto matcher_result = matcher(Constraint::Kind::json_schema, schema);
  ASSERT_TRUE(matcher_result.ok()) << matcher_result.error().message;
  for (unsigned seed = 0; seed < 20; ++seed) {
    const std::string text = walk(*matcher(Constraint::Kind::json_schema, schema), seed);
    SCOPED_TRACE(text);
    const auto json = nlohmann::json::parse(text, nullptr, false);
    ASSERT_TRUE(json.is_object());
    EXPECT_TRUE(json["name"].is_string());
    EXPECT_TRUE(json["age"].is_number_integer());
    EXPECT_GE(json["age"], 0);
    EXPECT_LE(json["age"], 150);
    ASSERT_TRUE(json["tags"].is_array());
    EXPECT_LE(json["tags"].size(), 3U);
    for (const auto& tag : json["tags"]) {
      EXPECT_TRUE(tag == "one" || tag == "two" || tag.is_null());
    }
    EXPECT_EQ(json.size(), json.contains("active") ? 4U : 3U);
    EXPECT_EQ(text.find("  "), std::string::npos) << "white space must stay short";
  }
}

TEST_F(ConstraintTest, RandomWalksUnderARegularExpressionMatch) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const auto text = walk(*matcher(Constraint::Kind::regex, "(red|green), [a-z]{2,5}\\."), seed);
    SCOPED_TRACE(text);
    const auto comma = text.find(", ");
    ASSERT_NE(comma, std::string::npos);
    EXPECT_THAT(text.substr(0, comma), testing::AnyOf("red", "green"));
    const auto word = text.substr(comma + 2);
    EXPECT_TRUE(word.size() >= 3 && word.size() <= 6);
    EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), word.size() - 1);
    EXPECT_EQ(word.back(), '.');
  }
}

TEST_F(ConstraintTest, FollowsALarkGrammar) {
  const std::string grammar =
      "start: term (\"+\" term)+\nterm: NUMBER | \"(\" start \")\"\nNUMBER: /[1-9][0-9]?/";
  auto sum = *matcher(Constraint::Kind::lark, grammar);
  for (const char byte : std::string("(1+22)+3")) {
    const auto token = tokenizer_->encode(std::string(1, byte), false, false)->front();
    EXPECT_THAT(allowed(sum), testing::Contains(token));
    EXPECT_TRUE(sum.accept(token).ok());
  }
  EXPECT_THAT(allowed(sum), testing::Contains(2));
}

TEST_F(ConstraintTest, GrammarsCanNameSpecialTokens) {
  auto call = *matcher(Constraint::Kind::lark, "start: <|im_start|> \"a\"");
  EXPECT_THAT(allowed(call), testing::ElementsAre(1));
  auto spelled = *matcher(Constraint::Kind::regex, "<\\|im_start\\|>");
  EXPECT_THAT(allowed(spelled), testing::Not(testing::Contains(1)));
}

TEST_F(ConstraintTest, AllowsEveryEndTokenExactlyAtTheEnd) {
  auto letters = *matcher(Constraint::Kind::regex, "ab?");
  const TokenId a = tokenizer_->encode("a", false, false)->front();
  const TokenId b = tokenizer_->encode("b", false, false)->front();
  EXPECT_THAT(allowed(letters), testing::Not(testing::Contains(2)));
  EXPECT_FALSE(letters.is_finished());
  ASSERT_TRUE(letters.accept(a).ok());
  EXPECT_FALSE(letters.is_finished());
  EXPECT_THAT(allowed(letters), testing::UnorderedElementsAre(0, 2, b));
  ASSERT_TRUE(letters.accept(b).ok());
  EXPECT_TRUE(letters.is_finished());
  EXPECT_THAT(allowed(letters), testing::ElementsAre(0, 2));
}

TEST_F(ConstraintTest, ATokenThatIsNotAllowedChangesNothing) {
  auto letters = *matcher(Constraint::Kind::regex, "ab");
  const TokenId a = tokenizer_->encode("a", false, false)->front();
  const auto before = allowed(letters);
  for (const TokenId token : {2, 50}) {
    const auto result = letters.accept(token);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(result.error().message, HasSubstr("is not allowed here"));
  }
  EXPECT_EQ(allowed(letters), before);
  EXPECT_TRUE(letters.accept(a).ok());
  EXPECT_FALSE(letters.accept(-1).ok());
}

TEST_F(ConstraintTest, ASchemaCanChooseItsWhiteSpace) {
  const std::string tight = R"({"type": "array", "x-guidance": {"whitespace_flexible": false}})";
  for (const auto& [text, spaces] : {std::pair{std::string("true"), true}, {tight, false}}) {
    auto json = *matcher(Constraint::Kind::json_schema, text);
    const TokenId space = tokenizer_->encode(" ", false, false)->front();
    ASSERT_TRUE(json.accept(tokenizer_->encode("[", false, false)->front()).ok());
    const auto tokens = allowed(json);
    EXPECT_EQ(std::count(tokens.begin(), tokens.end(), space), spaces ? 1 : 0) << text;
  }
}

TEST_F(ConstraintTest, NamesWhatCannotBeCompiled) {
  using Kind = Constraint::Kind;
  const std::vector<std::tuple<Kind, std::string, std::string>> bad = {
      {Kind::json_schema, "{", "the JSON schema cannot be used: not valid JSON"},
      {Kind::json_schema, R"({"type": "colour"})", "colour"},
      {Kind::json_schema, R"({"$ref": "#/nowhere"})", "nowhere"},
      {Kind::json_schema, "7", "the JSON schema cannot be used"},
      {Kind::json_schema, "false", "the JSON schema cannot be used"},
      {Kind::regex, "a(b", "the regular expression cannot be used"},
      {Kind::regex, "\xff", "not valid UTF-8"},
      {Kind::lark, "start: nothing", "nothing"},
      {Kind::lark, "", "the Lark grammar cannot be used"},
      {Kind::none, "", "no constraint"},
  };
  for (const auto& [kind, text, reason] : bad) {
    const auto result = matcher(kind, text);
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
    EXPECT_THAT(result.error().message, HasSubstr(reason));
    EXPECT_EQ(result.error().message.find('\n'), std::string::npos) << result.error().message;
  }
}

/// One token a letter, none special, without an end.
class Letters final : public Tokenizer {
 public:
  explicit Letters(std::string letters) : letters_(std::move(letters)) {}
  Result<std::vector<TokenId>> encode(std::string_view, bool, bool) const override {
    return std::vector<TokenId>();
  }
  std::string token_bytes(TokenId token) const override {
    return letters_.substr(static_cast<std::size_t>(token), 1);
  }
  bool is_special(TokenId) const override { return false; }
  bool is_end_of_generation(TokenId) const override { return false; }
  int vocabulary_size() const override { return static_cast<int>(letters_.size()); }
  TokenId end_of_sequence() const override { return -1; }
  std::string bos_text() const override { return ""; }
  std::string eos_text() const override { return ""; }

 private:
  std::string letters_;
};

TEST(Constraints, WorkWithoutAnEndToken) {
  const auto vocabulary = ConstraintVocabulary::create(Letters("abc"));
  ASSERT_TRUE(vocabulary.ok()) << vocabulary.error().message;
  auto matcher = *ConstraintMatcher::create(*vocabulary, {Constraint::Kind::regex, "[bc]c"});
  EXPECT_THAT(*matcher.mask(), testing::ElementsAre(0b110U));
  ASSERT_TRUE(matcher.accept(1).ok());
  EXPECT_THAT(*matcher.mask(), testing::ElementsAre(0b100U));
  ASSERT_TRUE(matcher.accept(2).ok());
  EXPECT_TRUE(matcher.is_finished());
  EXPECT_THAT(*matcher.mask(), testing::ElementsAre(0U));
}

TEST(Constraints, FormatsThatNobodyKnowsAreIgnored) {
  const auto vocabulary = ConstraintVocabulary::create(Letters("\"a5"));
  const auto matcher = ConstraintMatcher::create(
      *vocabulary, {Constraint::Kind::json_schema, R"({"type": "string", "format": "password"})"});
  EXPECT_TRUE(matcher.ok()) << matcher.error().message;
}

TEST(Constraints, SayWhenTheVocabularyCannotSpellThem) {
  const auto vocabulary = ConstraintVocabulary::create(Letters("abc"));
  auto matcher = *ConstraintMatcher::create(*vocabulary, {Constraint::Kind::regex, "xyz"});
  const auto mask = matcher.mask();
  ASSERT_FALSE(mask.ok());
  EXPECT_EQ(mask.error().code, ErrorCode::invalid_argument);
  EXPECT_FALSE(matcher.accept(0).ok());
  EXPECT_EQ(ConstraintVocabulary::create(Letters("")).error().code, ErrorCode::bad_model);
}

}  // namespace
}  // namespace tenfold
