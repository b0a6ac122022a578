#include <gmock/gmock.h>

#include "chat/json.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

Conversation tree() {
  Conversation conversation;
  conversation.id = 5;
  conversation.title = "Colors";
  conversation.model = "small";
  conversation.system = "Be brief.";
  conversation.settings = {{"temperature", 0}};
  ChatMessage question{"user", "A color?"};
  question.id = 1;
  ChatMessage red{"assistant", "Red."};
  red.id = 2;
  red.parent = 1;
  red.model = "small";
  red.usage = Usage{.generated_tokens = 3};
  red.seed = 1ULL << 63U;
  ChatMessage blue = red;
  blue.id = 3;
  blue.content = "Blue.";
  blue.state = MessageState::cancelled;
  conversation.messages = {question, red, blue};
  conversation.head = 3;
  return conversation;
}

TEST(ConversationExport, IsReadBackWithAllBranches) {
  const Json json = export_json(tree());
  const auto read = read_export(Json::parse(json.dump()));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(export_json(*read), json);
}

TEST(ConversationExport, MarkdownHasTheBranchThatIsShown) {
  EXPECT_EQ(export_markdown(tree()),
            "# Colors\n\n## System\n\nBe brief.\n\n## You\n\nA color?\n\n## small\n\nBlue.\n\n"
            "*(stopped)*\n");
}

TEST(ConversationExport, FaultsAreNamed) {
  const auto fault = [](const std::string& pointer, const Json& value) {
    Json json = export_json(tree());
    json[Json::json_pointer(pointer)] = value;
    const auto read = read_export(json);
    return read.ok() ? std::string("accepted") : read.error().message;
  };
  EXPECT_THAT(fault("/tenfold_conversation", 2), HasSubstr("tenfold_conversation"));
  EXPECT_THAT(fault("/messages", 2), HasSubstr("messages must be"));
  EXPECT_THAT(fault("/messages/0", 2), HasSubstr("messages[0] must be"));
  EXPECT_THAT(fault("/messages/0/id", nullptr), HasSubstr("messages[0].id is missing"));
  EXPECT_THAT(fault("/messages/0/id", 2), HasSubstr("messages[1]"));
  EXPECT_THAT(fault("/messages/0/role", "system"), HasSubstr("messages[0].role"));
  EXPECT_THAT(fault("/messages/0/content", nullptr), HasSubstr("messages[0].content is missing"));
  EXPECT_THAT(fault("/messages/0/content", "\xFF"), HasSubstr("messages[0].content"));
  EXPECT_THAT(fault("/messages/1/parent", 3), HasSubstr("messages[1].parent"));
  EXPECT_THAT(fault("/messages/1/parent", 2), HasSubstr("messages[1].parent"));
  EXPECT_THAT(fault("/messages/1/state", "x"), HasSubstr("messages[1].state"));
  EXPECT_THAT(fault("/messages/1/seed", "-1"), HasSubstr("messages[1].seed"));
  EXPECT_THAT(fault("/messages/1/usage", Json::object()), HasSubstr("messages[1].usage"));
  EXPECT_THAT(fault("/messages/1/colour", "x"), HasSubstr("colour"));
  EXPECT_THAT(fault("/head", 9), HasSubstr("head"));
  EXPECT_THAT(fault("/settings/temperature", -1), HasSubstr("temperature"));
  EXPECT_THAT(fault("/more", 1), HasSubstr("more"));
  EXPECT_EQ(fault("/messages/1/state", "running"), "accepted");
  EXPECT_FALSE(read_export(Json(3)).ok());
}

TEST(ConversationExport, TooManyMessagesAreRefused) {
  Json json = export_json(tree());
  Json message = json["messages"][0];
  for (int i = 10; i < 20'020; ++i) {
    message["id"] = i;
    json["messages"].push_back(message);
  }
  EXPECT_THAT(read_export(json).error().message, HasSubstr("20000"));
}

}  // namespace
}  // namespace tenfold
