// Conversations over a socket: answers that outlive those who asked.
#include <gmock/gmock.h>

#include "base/paths.h"
#include "server/app/conversations/shelf.h"
#include "server/testing/server_fixture.h"

namespace tenfold::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ConversationsTest : public ServerTest {
 protected:
  Json ask(const std::string& method, const std::string& path, const Json& content) {
    Client client = connect();
    const std::string text = content.is_null() ? "" : content.dump();
    client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                std::to_string(text.size()) + "\r\n\r\n" + text);
    return body(client.reply());
  }
  Json get(const std::string& path) { return ask("GET", path, nullptr); }

  std::string create(const Json& content = Json::object()) {
    const Json made = ask("POST", "/api/v1/conversations", content);
    return "/api/v1/conversations/" + std::to_string(made["id"].get<int>());
  }
  Json answer(const std::string& path, const Json& content) {
    return ask("POST", path + "/answers", content);
  }
  /// The last message of the conversation.
  Json last(const std::string& path) { return get(path)["messages"].back(); }
  void until_ended(const std::string& path) {
    until([&] { return last(path)["state"] != "running"; });
  }
};

TEST_F(ConversationsTest, AnAnswerNeedsNoClient) {
  start();
  const std::string path = create();
  const Json asked = answer(path, {{"content", "words 3"}});
  EXPECT_EQ(asked["messages"].size(), 2U);
  EXPECT_EQ(asked["head"], asked["answer"]);
  until_ended(path);
  const Json conversation = get(path);
  EXPECT_EQ(conversation["title"], "words 3");
  EXPECT_EQ(conversation["head"], asked["answer"]);
  const Json& message = conversation["messages"][1];
  EXPECT_EQ(message["content"], "w0 w1 w2 ");
  EXPECT_EQ(message["state"], "complete");
  EXPECT_EQ(message["parent"], conversation["messages"][0]["id"]);
  EXPECT_EQ(message["model"], "a");
  EXPECT_EQ(message["finish_reason"], "stop");
  EXPECT_EQ(message["usage"]["generated_tokens"], 3);
}

TEST_F(ConversationsTest, ItIsFollowedFromTheTextSoFarByMany) {
  start();
  const std::string path = create();
  Client first = connect();
  first.get(path + "/events");
  EXPECT_THAT(first.read_to("\n\n"), HasSubstr("event-stream"));
  answer(path, {{"content", "wait door"}});
  first.read_to(R"("text":"w0 ")");
  Client second = connect();
  second.get(path + "/events");
  EXPECT_THAT(second.read_to(R"("state":"running")"),
              AllOf(HasSubstr("event: state"), Not(HasSubstr("event: delta"))));
  second.read_to("event: message\n");
  EXPECT_THAT(second.read_to("\n\n"), HasSubstr(R"("content":"w0 ")"));
  first.close();
  host_->open("door");
  EXPECT_THAT(second.read_to(R"("state":"complete")"), HasSubstr("event: message"));
}

TEST_F(ConversationsTest, ThoseWhoWatchAreToldHowMuchOfThePromptIsRead) {
  start();
  const std::string path = create();
  Client watcher = connect();
  watcher.get(path + "/events");
  EXPECT_THAT(watcher.read_to("\n\n"), HasSubstr("event-stream"));
  answer(path, {{"content", "read 1"}});
  EXPECT_THAT(watcher.read_to("event: delta"),
              AllOf(HasSubstr("event: prompt"), HasSubstr(R"("read":1,"total":2)")));
}

TEST_F(ConversationsTest, ASecondServerLeavesTheAnswersOfTheFirstAlone) {
  start();
  const std::string path = create();
  answer(path, {{"content", "wait door"}});
  until([&] { return last(path)["content"] == "w0 "; });
  {
    conversations::Shelf second;
    const auto seen = second.with([&](ChatStore& store) { return store.load(1); });
    ASSERT_TRUE(seen.ok()) << seen.error().message;
    EXPECT_EQ(seen->messages.back().state, MessageState::running);
  }
  host_->open("door");
  until_ended(path);
  EXPECT_EQ(last(path)["state"], "complete");
}

TEST_F(ConversationsTest, AnswersOfAServerThatEndedHaveFailed) {
  {
    ChatStore store = ChatStore::open((data_folder() / "conversations.db").string()).value();
    store.own_running("0123456789abcdef");
    const std::int64_t id = store.create({}).value();
    ChatMessage left{"assistant", "half"};
    left.state = MessageState::running;
    ASSERT_TRUE(store.append(id, left).ok());
  }
  start();
  const Json message = last("/api/v1/conversations/1");
  EXPECT_EQ(message["state"], "failed");
  EXPECT_EQ(message["content"], "half");
}

TEST_F(ConversationsTest, AStopEndsItAndKeepsTheText) {
  start();
  const std::string path = create();
  const Json asked = answer(path, {{"content", "wait never"}});
  until([&] { return last(path)["content"] == "w0 "; });
  EXPECT_EQ(get("/api/v1/conversations")["conversations"][0]["running"], true);
  ask("DELETE", "/api/v1/answers/" + asked["answer"].dump(), nullptr);
  until_ended(path);
  EXPECT_EQ(last(path)["state"], "cancelled");
  EXPECT_EQ(last(path)["content"], "w0 ");
  ask("DELETE", "/api/v1/answers/" + asked["answer"].dump(), nullptr);
  EXPECT_EQ(last(path)["state"], "cancelled");
}

TEST_F(ConversationsTest, EditedQuestionsAndNewAnswersAreBranches) {
  start();
  const std::string path = create();
  const Json first = answer(path, {{"content", "words 1"}});
  until_ended(path);
  const Json again = answer(path, {{"regenerate", first["messages"][0]["id"]}, {"engine", "b"}});
  until_ended(path);
  EXPECT_EQ(last(path)["parent"], first["messages"][0]["id"]);
  EXPECT_EQ(last(path)["engine"], "b");
  const Json edited = answer(path, {{"content", "words 2"}, {"parent", nullptr}});
  until_ended(path);
  EXPECT_EQ(edited["messages"][0]["parent"], Json());
  EXPECT_EQ(get(path)["messages"].size(), 5U);
  EXPECT_EQ(ask("PATCH", path, {{"head", again["answer"]}})["head"], again["answer"]);
  answer(path, {{"content", "words 3"}});
  until_ended(path);
  EXPECT_EQ(get(path)["messages"][5]["parent"], again["answer"]);
  EXPECT_THAT(answer(path, {{"regenerate", again["answer"]}}).dump(), HasSubstr("question"));
  EXPECT_THAT(answer(path, {{"regenerate", 999}}).dump(), HasSubstr("no message 999"));
}

TEST_F(ConversationsTest, AnAnswerIsContinuedWhereItIs) {
  start();
  const std::string path = create();
  const Json asked = answer(path, {{"content", "wait never"}});
  until([&] { return last(path)["content"] == "w0 "; });
  EXPECT_THAT(answer(path, {{"continue", asked["answer"]}}).dump(), HasSubstr("being written"));
  EXPECT_THAT(answer(path, {{"content", "x"}}).dump(), HasSubstr("being written"));
  ask("DELETE", "/api/v1/answers/" + asked["answer"].dump(), nullptr);
  until_ended(path);
  EXPECT_EQ(answer(path, {{"continue", asked["answer"]}})["answer"], asked["answer"]);
  until_ended(path);
  EXPECT_THAT(last(path)["content"].get<std::string>(), StartsWith("w0 w0 "));
  EXPECT_EQ(get(path)["messages"].size(), 2U);
}

TEST_F(ConversationsTest, ErrorsAreKeptWithTheAnswer) {
  start();
  host_->fail_engine("bad");
  const std::string path = create({{"engine", "bad"}});
  answer(path, {{"content", "words 1"}});
  until_ended(path);
  EXPECT_EQ(last(path)["state"], "failed");
  EXPECT_NE(last(path)["error"]["message"], "");
  EXPECT_THAT(answer(path, {{"content", "x"}, {"settings", {{"temperature", -1}}}}).dump(),
              HasSubstr("temperature"));
  EXPECT_EQ(get(path)["messages"].size(), 2U) << "what is refused is not stored";
}

TEST_F(ConversationsTest, AServerThatComesBackKnowsThemAll) {
  start();
  const std::string path = create({{"title", "Kept"}, {"draft", "half a thou"}});
  answer(path, {{"content", "wait never"}});
  until([&] { return last(path)["content"] == "w0 "; });
  Client watching = connect();
  watching.get(path + "/events");
  watching.read_to("event: state");
  options_.stop_grace = std::chrono::seconds(0);
  server_->stop();
  server_->stop();
  EXPECT_THAT(watching.rest(), ::testing::EndsWith("0\r\n\r\n"));
  thread_.join();
  start();
  EXPECT_EQ(get(path)["title"], "Kept");
  EXPECT_EQ(get(path)["draft"], "half a thou");
  EXPECT_EQ(last(path)["content"], "w0 ");
  EXPECT_NE(last(path)["state"], "running");
}

TEST_F(ConversationsTest, DeletedOnesAreRestored) {
  start();
  const std::string path = create({{"title", "One"}});
  Client watching = connect();
  watching.get(path + "/events");
  watching.read_to("event: state");
  ask("DELETE", path, nullptr);
  EXPECT_THAT(watching.read_to("0\r\n\r\n"), HasSubstr("event: deleted"));
  EXPECT_EQ(get("/api/v1/conversations")["conversations"].size(), 0U);
  EXPECT_EQ(get("/api/v1/conversations?deleted=true")["conversations"].size(), 1U);
  EXPECT_THAT(answer(path, {{"content", "x"}}).dump(), HasSubstr("deleted"));
  EXPECT_EQ(ask("POST", path + "/restore", nullptr)["title"], "One");
  EXPECT_EQ(get("/api/v1/conversations?q=one")["conversations"].size(), 1U);
  ask("DELETE", path + "?forever=true", nullptr);
  EXPECT_THAT(get(path).dump(), HasSubstr("not_found"));
}

TEST_F(ConversationsTest, WhatWasExportedIsImported) {
  start();
  const std::string path = create();
  answer(path, {{"content", "words 2"}});
  until_ended(path);
  const Json exported = get(path + "/export");
  const Json imported = ask("POST", "/api/v1/conversations/import", exported);
  EXPECT_EQ(imported["messages"][1]["content"], "w0 w1 ");
  EXPECT_EQ(imported["messages"][1]["parent"], imported["messages"][0]["id"]);
  EXPECT_EQ(imported["head"], imported["messages"][1]["id"]);
  Client client = connect();
  client.get(path + "/export?format=markdown");
  EXPECT_THAT(client.reply(), AllOf(HasSubstr("attachment; filename=\"conversation-1.md\""),
                                    HasSubstr("## You\n\nwords 2")));
  EXPECT_THAT(ask("POST", "/api/v1/conversations/import", {{"messages", 3}}).dump(),
              HasSubstr("tenfold_conversation"));
}

TEST_F(ConversationsTest, ThePromptIsShown) {
  start();
  const std::string path = create({{"system", "Be brief."}});
  const Json seen = ask("POST", path + "/prompt", {{"content", "Hi"}});
  EXPECT_EQ(seen["prompt_tokens"], 3);
  EXPECT_EQ(seen["tokens"].size(), 3U);
  EXPECT_EQ(seen["fits"], true);
  EXPECT_EQ(get(path)["messages"].size(), 0U) << "nothing is stored";
}

TEST_F(ConversationsTest, LongOnesAreWhole) {
  start();
  Json exported{{"tenfold_conversation", 1}, {"messages", Json::array()}};
  for (int i = 1; i <= 1000; ++i) {
    exported["messages"].push_back({{"id", i},
                                    {"parent", i == 1 ? Json() : Json(i - 1)},
                                    {"role", i % 2 == 1 ? "user" : "assistant"},
                                    {"content", std::string(300, 'x')}});
  }
  const Json imported = ask("POST", "/api/v1/conversations/import", exported);
  const std::string path = "/api/v1/conversations/" + imported["id"].dump();
  EXPECT_EQ(get(path)["messages"].size(), 1000U);
  answer(path, {{"content", "words 2"}});
  EXPECT_EQ(get("/api/v1/conversations?q=words")["conversations"].size(), 1U);
}

TEST_F(ConversationsTest, TheyAreTheOwners) {
  options_.keys = {{"app", "0123456789abcdef", {Right::answer, Right::observe}}};
  start();
  Client client = connect();
  client.get("/api/v1/conversations", "X-Api-Key: 0123456789abcdef\r\n");
  EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 403"));
}

}  // namespace
}  // namespace tenfold::server
