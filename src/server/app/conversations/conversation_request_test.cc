#include "server/app/conversations/conversation_request.h"

#include <gmock/gmock.h>

#include "server/app/query.h"

namespace tenfold::server::conversations {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::string fault(const Result<T>& result) {
  return result.ok() ? "accepted" : result.error().message;
}

TEST(ConversationRequest, ANullPutsBackWhatHoldsWithoutIt) {
  ConversationInfo info;
  info.title = "t";
  info.system = "s";
  info.engine = "e";
  info.head = 3;
  info.settings = {{"top_k", 1}};
  ASSERT_TRUE(read_change(Json::parse(R"({"system": null, "engine": null, "head": null,
                                          "settings": {"temperature": 0, "top_p": null}})"),
                          info)
                  .ok());
  EXPECT_EQ(info.title, "t") << "absent fields stay";
  EXPECT_EQ(info.system, std::nullopt);
  EXPECT_EQ(info.engine, "");
  EXPECT_EQ(info.head, std::nullopt);
  EXPECT_EQ(info.settings, Json({{"temperature", 0}}));
}

TEST(ConversationRequest, FaultsAreNamed) {
  const auto change = [](const char* text) {
    ConversationInfo info;
    return fault(read_change(Json::parse(text), info));
  };
  EXPECT_THAT(change(R"({"titel": "x"})"), HasSubstr("titel"));
  EXPECT_THAT(change(R"({"pinned": 1})"), HasSubstr("pinned"));
  EXPECT_THAT(change(R"({"head": "x"})"), HasSubstr("head"));
  EXPECT_THAT(change(R"({"settings": {"top_k": "x"}})"), HasSubstr("top_k"));
  EXPECT_THAT(fault(read_new(Json{{"title", std::string(2000, 'x')}})), HasSubstr("title"));
  EXPECT_THAT(fault(read_new(Json{{"head", 1}})), HasSubstr("head"));
  EXPECT_EQ(read_id("12").value(), 12);
  EXPECT_EQ(read_id("1/x").error().code, ErrorCode::not_found);
}

TEST(ConversationRequest, AsksForOneThing) {
  const auto ask = [](const char* text) { return read_ask(Json::parse(text)); };
  EXPECT_EQ(ask(R"({"content": "Hi"})")->parent, std::nullopt);
  EXPECT_EQ(ask(R"({"content": "Hi", "parent": null})")->parent,
            std::make_optional(std::optional<std::int64_t>()));
  EXPECT_EQ(ask(R"({"content": "Hi", "parent": 3})")->parent.value(), 3);
  EXPECT_EQ(ask(R"({"regenerate": 3})")->regenerate, 3);
  EXPECT_EQ(ask(R"({"continue": 3, "content": null})")->continued, 3);
  const auto results = ask(R"({"tool_results": [{"tool_call_id": "c", "content": "7"}]})");
  EXPECT_EQ(results->tool_results[0].tool_call_id, "c");
  EXPECT_THAT(fault(ask("{}")), HasSubstr("exactly one"));
  EXPECT_THAT(fault(ask(R"({"content": "Hi", "regenerate": 3})")), HasSubstr("exactly one"));
  EXPECT_THAT(fault(ask(R"({"regenerate": 3, "parent": 1})")), HasSubstr("parent"));
  EXPECT_THAT(fault(ask(R"({"regenerate": 3, "attachments": [{"name": "a", "text": ""}]})")),
              HasSubstr("attachments"));
  EXPECT_THAT(fault(ask(R"({"content": "x", "attachments": [{"name": "a"}]})")),
              HasSubstr("attachments[0].text"));
  EXPECT_THAT(fault(ask(R"({"tool_results": [{"content": "7"}]})")),
              HasSubstr("tool_results[0].tool_call_id"));
  EXPECT_THAT(fault(read_look(Json{{"regenerate", 3}})), HasSubstr("regenerate"));
}

TEST(ConversationRequest, ReadsQueries) {
  const auto query = read_query({{"q", "a b"}, {"limit", "5"}, {"offset", "2"}});
  EXPECT_EQ(query->text, "a b");
  EXPECT_EQ(query->limit, 5);
  EXPECT_EQ(query->offset, 2);
  EXPECT_TRUE(read_query({{"deleted", "true"}})->deleted);
  EXPECT_THAT(fault(read_query({{"limit", "0"}})), HasSubstr("limit"));
  EXPECT_THAT(fault(read_query({{"limit", "5000"}})), HasSubstr("limit"));
  EXPECT_THAT(fault(read_query({{"deleted", "1"}})), HasSubstr("deleted"));
  EXPECT_THAT(fault(read_query({{"page", "1"}})), HasSubstr("page"));
}

}  // namespace
}  // namespace tenfold::server::conversations
