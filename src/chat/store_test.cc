#include "chat/store.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tenfold {
namespace {

class ChatStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "tenfold-chat-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = (folder_ / "data" / "chat.db").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;
};

ConversationInfo about(const std::string& model) {
  ConversationInfo info;
  info.model = model;
  return info;
}

ChatMessage said(const std::string& role, const std::string& text,
                 std::optional<std::int64_t> parent = {}) {
  ChatMessage message{role, text};
  message.parent = parent;
  return message;
}

TEST_F(ChatStoreTest, SurvivesReopening) {
  std::int64_t id = 0;
  ChatMessage answer = said("assistant", "Hé 🙂");
  {
    ChatStore store = ChatStore::open(path_).value();
    ConversationInfo info = about("small");
    info.system = "Be brief.";
    info.settings = {{"temperature", 0}};
    id = store.create(info).value();
    ChatMessage question = said("user", "Hi there\nyou");
    question.attachments = {{"a.txt", "red"}};
    ASSERT_TRUE(store.append(id, question).ok());
    answer.parent = question.id;
    answer.reasoning = "hm";
    answer.state = MessageState::cancelled;
    answer.tool_calls = {{"1", "look", "{}"}};
    answer.seed = 0xFFFFFFFFFFFFFFFFU;
    answer.usage = Usage{.prompt_tokens = 7};
    answer.error = Error{ErrorCode::busy, "m", "h"};
    answer.finish_reason = "cancelled";
    ASSERT_TRUE(store.append(id, answer).ok());
  }
  ChatStore store = ChatStore::open(path_).value();
  const Conversation conversation = store.load(id).value();
  EXPECT_EQ(conversation.title, "Hi there");
  EXPECT_EQ(conversation.model, "small");
  EXPECT_EQ(conversation.system, "Be brief.");
  EXPECT_EQ(conversation.settings["temperature"], 0);
  EXPECT_EQ(conversation.head, answer.id);
  ASSERT_EQ(conversation.messages.size(), 2U);
  EXPECT_EQ(conversation.messages[0].attachments[0].text, "red");
  const ChatMessage& kept = conversation.messages[1];
  EXPECT_EQ(kept.content, "Hé 🙂");
  EXPECT_EQ(kept.reasoning, "hm");
  EXPECT_EQ(kept.state, MessageState::cancelled);
  EXPECT_EQ(kept.parent, conversation.messages[0].id);
  EXPECT_EQ(kept.tool_calls, answer.tool_calls);
  EXPECT_EQ(kept.seed, answer.seed);
  EXPECT_EQ(kept.usage->prompt_tokens, 7);
  EXPECT_EQ(kept.error->code, ErrorCode::busy);
  EXPECT_EQ(kept.finish_reason, "cancelled");
}

TEST_F(ChatStoreTest, ConversationsOfTheFirstSchemaBecomeTrees) {
  std::filesystem::create_directories(folder_ / "data");
  ASSERT_TRUE(Database::open(path_)
                  ->execute(R"sql(
CREATE TABLE conversations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  model TEXT NOT NULL,
  system TEXT NOT NULL,
  created INTEGER NOT NULL DEFAULT (unixepoch()),
  updated INTEGER NOT NULL DEFAULT (unixepoch())
);
CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  conversation INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  content TEXT NOT NULL,
  reasoning TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('complete', 'cancelled', 'failed')),
  created INTEGER NOT NULL DEFAULT (unixepoch())
);
CREATE INDEX messages_of_conversation ON messages (conversation, id);
PRAGMA user_version = 1;
INSERT INTO conversations (id, model, system, created, updated) VALUES (3, 'a', 'Be brief.', 5, 6);
INSERT INTO conversations (id, model, system, created, updated) VALUES (9, 'b', '', 7, 8);
DELETE FROM conversations WHERE id = 9;
INSERT INTO conversations (id, model, system, created, updated) VALUES (4, 'b', '', 7, 8);
INSERT INTO messages VALUES (1, 3, 'user', 'one', '', 'complete', 5);
INSERT INTO messages VALUES (2, 4, 'user', 'other', '', 'complete', 7);
INSERT INTO messages VALUES (3, 3, 'assistant', 'two', 'hm', 'cancelled', 6);
)sql")
                  .ok());
  ChatStore store = ChatStore::open(path_).value();
  const Conversation conversation = store.load(3).value();
  EXPECT_EQ(conversation.title, "one");
  EXPECT_EQ(conversation.system, "Be brief.");
  EXPECT_EQ(conversation.created, 5);
  EXPECT_EQ(conversation.updated, 6);
  EXPECT_EQ(conversation.head, 3);
  ASSERT_EQ(conversation.messages.size(), 2U);
  EXPECT_EQ(conversation.messages[0].parent, std::nullopt);
  EXPECT_EQ(conversation.messages[1].parent, 1);
  EXPECT_EQ(conversation.messages[1].reasoning, "hm");
  EXPECT_EQ(conversation.messages[1].state, MessageState::cancelled);
  EXPECT_EQ(store.load(4)->messages[0].parent, std::nullopt);
  ChatMessage next = said("user", "three", 3);
  EXPECT_TRUE(store.append(3, next).ok());
  EXPECT_EQ(store.create(about("a")).value(), 10) << "ids are not used again";
  EXPECT_TRUE(store.remove(3).ok());
  EXPECT_EQ(store.list()->size(), 2U);
}

TEST_F(ChatStoreTest, AnEmptyFirstSchemaBecomesTrees) {
  std::filesystem::create_directories(folder_ / "data");
  ASSERT_TRUE(ChatStore::open(path_).ok());
  ChatStore store = ChatStore::open(path_).value();
  EXPECT_EQ(store.create(about("a")).value(), 1);
}

TEST_F(ChatStoreTest, ListsTheLastUsedFirstAndPinnedOnesBefore) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t first = store.create(about("a")).value();
  const std::int64_t second = store.create(about("b")).value();
  ChatMessage question = said("user", "question");
  ASSERT_TRUE(store.append(second, question).ok());
  std::vector<ConversationSummary> all = store.list().value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].info.id, second);
  EXPECT_EQ(all[0].info.title, "question");
  EXPECT_EQ(all[0].messages, 1);
  EXPECT_EQ(all[1].info.id, first);
  EXPECT_EQ(all[1].info.title, "");
  ConversationInfo info = store.info(first).value();
  info.pinned = true;
  ASSERT_TRUE(store.change(info).ok());
  all = store.list().value();
  EXPECT_EQ(all[0].info.id, first);
  EXPECT_EQ(store.list({.limit = 1, .offset = 1})->at(0).info.id, second);
}

TEST_F(ChatStoreTest, FindsTextInTitlesAndMessages) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t id = store.create(about("a")).value();
  ChatMessage question = said("user", std::string(100, 'x') + " The CAPITAL of 100% France");
  ASSERT_TRUE(store.append(id, question).ok());
  ASSERT_TRUE(store.create(about("a")).ok());
  const auto found = store.list({.text = "capital"}).value();
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].snippet, ::testing::HasSubstr("The CAPITAL of"));
  EXPECT_EQ(store.list({.text = "100%"})->size(), 1U);
  EXPECT_EQ(store.list({.text = "100_"})->size(), 0U) << "no wildcards";
  ChatMessage russian = said("assistant", std::string(60, 'x') + " ПРИВЕТ, Ärger", question.id);
  ASSERT_TRUE(store.append(id, russian).ok());
  ASSERT_EQ(store.list({.text = "привет, ä"})->size(), 1U) << "in any alphabet";
  EXPECT_THAT(store.list({.text = "привет"})->at(0).snippet, ::testing::HasSubstr("x ПРИВЕТ, Ä"));
  ConversationInfo info = store.info(id).value();
  info.title = "Geography";
  ASSERT_TRUE(store.change(info).ok());
  EXPECT_EQ(store.list({.text = "geog"})->size(), 1U);
}

TEST_F(ChatStoreTest, DeletionsCanBeUndoneUntilTheyArePurged) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t id = store.create(about("a")).value();
  ASSERT_TRUE(store.set_deleted(id, true).ok());
  EXPECT_EQ(store.list()->size(), 0U);
  EXPECT_EQ(store.list({.deleted = true})->size(), 1U);
  ASSERT_TRUE(store.purge(std::chrono::hours(1)).ok());
  ASSERT_TRUE(store.set_deleted(id, false).ok());
  EXPECT_EQ(store.list()->size(), 1U);
  ASSERT_TRUE(store.purge(std::chrono::seconds(0)).ok());
  EXPECT_EQ(store.list()->size(), 1U) << "it is not deleted";
  ASSERT_TRUE(store.set_deleted(id, true).ok());
  ASSERT_TRUE(store.purge(std::chrono::seconds(0)).ok());
  EXPECT_EQ(store.set_deleted(id, false).error().code, ErrorCode::not_found);
}

TEST_F(ChatStoreTest, RemovesAConversationWithItsMessages) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t id = store.create(about("a")).value();
  ChatMessage question = said("user", "question");
  ASSERT_TRUE(store.append(id, question).ok());
  ASSERT_TRUE(store.remove(id).ok());
  EXPECT_EQ(store.load(id).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.remove(id).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.append(id, question).error().code, ErrorCode::not_found);
  EXPECT_NE(store.create(about("a")).value(), id) << "ids are not used again";
}

TEST_F(ChatStoreTest, BranchesAreChosenByTheirHead) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t id = store.create(about("a")).value();
  const std::int64_t other = store.create(about("a")).value();
  ChatMessage question = said("user", "question");
  ASSERT_TRUE(store.append(id, question).ok());
  ChatMessage first = said("assistant", "first", question.id);
  ChatMessage second = said("assistant", "second", question.id);
  ASSERT_TRUE(store.append(id, first).ok());
  ASSERT_TRUE(store.append(id, second).ok());
  Conversation conversation = store.load(id).value();
  EXPECT_EQ(branch_of(conversation, conversation.head).back()->content, "second");
  conversation.head = first.id;
  ASSERT_TRUE(store.change(conversation).ok());
  conversation = store.load(id).value();
  const auto branch = branch_of(conversation, conversation.head);
  ASSERT_EQ(branch.size(), 2U);
  EXPECT_EQ(branch[1]->content, "first");
  ChatMessage stray = said("user", "x", question.id);
  EXPECT_EQ(store.append(other, stray).error().code, ErrorCode::invalid_argument);
  ConversationInfo wrong = store.info(other).value();
  wrong.head = question.id;
  EXPECT_EQ(store.change(wrong).error().code, ErrorCode::invalid_argument);
}

TEST_F(ChatStoreTest, AnswersThatAProcessLeftUnfinishedHaveFailed) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t id = store.create(about("a")).value();
  ChatMessage answer = said("assistant", "");
  answer.state = MessageState::running;
  ASSERT_TRUE(store.append(id, answer).ok());
  answer.content = "half";
  ASSERT_TRUE(store.update(answer).ok());
  const Error ended{ErrorCode::internal, "it ended", "ask again"};
  ASSERT_TRUE(store.end_running(ended, [](const std::string&) { return true; }).ok());
  const Conversation conversation = store.load(id).value();
  EXPECT_EQ(conversation.messages[0].content, "half");
  EXPECT_EQ(conversation.messages[0].state, MessageState::failed);
  EXPECT_EQ(conversation.messages[0].error->message, "it ended");
}

TEST_F(ChatStoreTest, AnswersOfAProcessThatLivesGoOn) {
  ChatStore first = ChatStore::open(path_).value();
  ChatStore second = ChatStore::open(path_).value();
  first.own_running("one");
  second.own_running("two");
  const std::int64_t id = first.create(about("a")).value();
  ChatMessage answers[2] = {said("assistant", "one"), said("assistant", "two")};
  for (ChatMessage& answer : answers) answer.state = MessageState::running;
  ASSERT_TRUE(first.append(id, answers[0]).ok());
  ASSERT_TRUE(second.append(id, answers[1]).ok());
  const Error ended{ErrorCode::internal, "it ended", "ask again"};
  ASSERT_TRUE(
      second.end_running(ended, [](const std::string& owner) { return owner == "two"; }).ok());
  const Conversation conversation = first.load(id).value();
  EXPECT_EQ(conversation.messages[0].state, MessageState::failed);
  EXPECT_EQ(conversation.messages[1].state, MessageState::running);
}

TEST_F(ChatStoreTest, KillLosesNothingCommitted) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ChatStore store = ChatStore::open(path_).value();
    const std::int64_t id = store.create(about("a")).value();
    for (char count = 1;; ++count) {
      ChatMessage question = said("user", "question");
      if (!store.append(id, question).ok()) ::_exit(1);
      if (::write(ends[1], &count, 1) != 1) ::_exit(1);
    }
  }
  char count = 0;
  while (count < 20) ASSERT_EQ(::read(ends[0], &count, 1), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[1]);
  char more = 0;
  while (::read(ends[0], &more, 1) == 1) count = more;
  ::close(ends[0]);
  ChatStore store = ChatStore::open(path_).value();
  EXPECT_GE(store.load(1).value().messages.size(), static_cast<std::size_t>(count));
}

TEST_F(ChatStoreTest, BadFilesAreNamed) {
  std::filesystem::create_directories(folder_ / "data");
  std::ofstream(path_) << "this is not a database, but it is long enough to look at its header....";
  const Error error = ChatStore::open(path_).error();
  EXPECT_EQ(error.code, ErrorCode::io);
  EXPECT_THAT(error.message, ::testing::HasSubstr(path_));
  EXPECT_FALSE(ChatStore::open(folder_.string()).ok());
}

TEST_F(ChatStoreTest, ANewerSchemaIsRefused) {
  { ASSERT_TRUE(ChatStore::open(path_).ok()); }
  ASSERT_TRUE(Database::open(path_).value().execute("PRAGMA user_version = 99").ok());
  EXPECT_EQ(ChatStore::open(path_).error().code, ErrorCode::unsupported);
}

std::vector<Message> prompt_of(const std::string& system, std::vector<ChatMessage> messages) {
  std::vector<const ChatMessage*> branch;
  for (const ChatMessage& message : messages) branch.push_back(&message);
  return prompt_messages(system, branch);
}

TEST(PromptMessages, LeavesOutQuestionsWithoutAnswer) {
  EXPECT_THAT(prompt_of("s", {said("user", "1"), said("assistant", "one"), said("user", "2"),
                              said("assistant", ""), said("user", "3"), said("assistant", "thr"),
                              said("user", "4"), said("user", "5")}),
              ::testing::ElementsAre(Message{"system", "s"}, Message{"user", "1"},
                                     Message{"assistant", "one"}, Message{"user", "3"},
                                     Message{"assistant", "thr"}, Message{"user", "5"}));
}

TEST(PromptMessages, KeepsCallsAndTheirResults) {
  ChatMessage call = said("assistant", "");
  call.tool_calls = {{"c1", "look", "{}"}};
  ChatMessage result = said("tool", "7");
  result.tool_call_id = "c1";
  const auto prompt = prompt_of("", {said("user", "1"), call, result});
  ASSERT_EQ(prompt.size(), 3U);
  EXPECT_EQ(prompt[1].tool_calls, call.tool_calls);
  EXPECT_EQ(prompt[2].tool_call_id, "c1");
}

TEST(PromptMessages, FilesComeBeforeTheText) {
  ChatMessage question = said("user", "Which color?");
  question.attachments = {{"a.md", "```\nred\n```"}};
  EXPECT_EQ(prompt_of("", {question})[0].content,
            "a.md:\n````\n```\nred\n```\n````\n\nWhich color?");
}

TEST(TitleOf, IsTheFirstLineCutAtACharacter) {
  EXPECT_EQ(title_of("\n  Hi there \nyou"), "Hi there");
  EXPECT_EQ(title_of(" \n"), "");
  const std::string title = title_of(std::string(76, 'x') + "éééé");
  EXPECT_EQ(title, std::string(76, 'x') + "…");
}

}  // namespace
}  // namespace tenfold
