#include "server/app/admin/admin_request.h"

#include <gmock/gmock.h>

namespace tenfold::server::admin {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Result<PromptFields> tokenize(const std::string& body) {
  return read_tokenize(Json::parse(body), body, Limits{});
}

TEST(AdminRequest, ALoadNamesModelEngineAndTime) {
  const auto use = read_load(
      Json::parse(R"({"model": "m", "engine": "litert", "context_size": 64, "keep_alive": 1.5})"));
  EXPECT_EQ(use->model, "m");
  EXPECT_EQ(use->engine, "litert");
  EXPECT_EQ(use->context_size, 64);
  EXPECT_EQ(use->keep_alive, milliseconds(1500));
  EXPECT_EQ(read_load(Json::parse(R"({"keep_alive": -7})"))->keep_alive, milliseconds(-1000));
  EXPECT_THAT(read_load(Json::parse(R"({"keep_alive": 1e300})")).error().message,
              HasSubstr("keep_alive"));
  EXPECT_THAT(read_load(Json::parse(R"({"threads": 1})")).error().message, HasSubstr("threads"));
}

TEST(AdminRequest, ScoresATextOrTokens) {
  const auto text = read_score(Json::parse(R"({"text": "a b"})"));
  EXPECT_EQ(std::get<std::string>(text->request.prompt), "a b");
  const auto tokens = read_score(Json::parse(R"({"tokens": [1, 2]})"));
  EXPECT_EQ(std::get<std::vector<TokenId>>(tokens->request.prompt).size(), 2U);
  EXPECT_THAT(read_score(Json::parse("{}")).error().message, HasSubstr("one of them is missing"));
  EXPECT_THAT(read_score(Json::parse(R"({"text": "", "tokens": []})")).error().message,
              HasSubstr("exclude each other"));
}

TEST(AdminRequest, TokenizesATextOrAConversation) {
  EXPECT_TRUE(tokenize(R"({"text": "a"})").ok());
  const auto chat = tokenize(R"({"messages": [{"role": "user", "content": "Hi"}], "tools": []})");
  EXPECT_EQ(std::get<ChatPrompt>(chat->request.prompt).messages[0].content, "Hi");
  EXPECT_THAT(tokenize(R"({"text": "a", "tools": []})").error().message, HasSubstr("tools needs"));
}

TEST(AdminRequest, ASearchHasItsParameters) {
  const auto search = read_search(
      {{"q", " qwen 0.6b"}, {"engine", "litert"}, {"format", "tflite"}, {"fits", "true"}});
  EXPECT_EQ(search->query.words, (std::vector<std::string>{"qwen", "0.6b"}));
  EXPECT_EQ(search->query.engine, "litert");
  EXPECT_TRUE(search->fits);
  EXPECT_THAT(read_search({{"fits", "1"}}).error().message, HasSubstr("fits must be"));
  EXPECT_THAT(read_search({{"engine", "x"}}).error().message, HasSubstr("no engine \"x\""));
  EXPECT_THAT(read_search({{"limit", "1"}}).error().message, HasSubstr("limit is not a parameter"));
}

}  // namespace
}  // namespace tenfold::server::admin
