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

TEST_F(ChatStoreTest, SurvivesReopening) {
  std::int64_t id = 0;
  {
    ChatStore store = ChatStore::open(path_).value();
    id = store.create("small", "Be brief.").value();
    ASSERT_TRUE(store.append(id, {"user", "Hi\0there", "", {}}).ok());
    ASSERT_TRUE(store.append(id, {"assistant", "Hé 🙂", "hm", MessageState::cancelled}).ok());
  }
  ChatStore store = ChatStore::open(path_).value();
  const Conversation conversation = store.load(id).value();
  EXPECT_EQ(conversation.model, "small");
  EXPECT_EQ(conversation.system, "Be brief.");
  ASSERT_EQ(conversation.messages.size(), 2U);
  EXPECT_EQ(conversation.messages[1].content, "Hé 🙂");
  EXPECT_EQ(conversation.messages[1].reasoning, "hm");
  EXPECT_EQ(conversation.messages[1].state, MessageState::cancelled);
}

TEST_F(ChatStoreTest, ListsTheLastUsedFirst) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t first = store.create("a", "").value();
  const std::int64_t second = store.create("b", "").value();
  ASSERT_TRUE(store.append(second, {"user", "question", "", {}}).ok());
  const std::vector<ConversationSummary> all = store.list().value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, second);
  EXPECT_EQ(all[0].title, "question");
  EXPECT_EQ(all[0].messages, 1);
  EXPECT_EQ(all[1].id, first);
  EXPECT_EQ(all[1].title, "");
}

TEST_F(ChatStoreTest, RemovesAConversationWithItsMessages) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t id = store.create("a", "").value();
  ASSERT_TRUE(store.append(id, {"user", "question", "", {}}).ok());
  ASSERT_TRUE(store.remove(id).ok());
  EXPECT_EQ(store.load(id).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.remove(id).error().code, ErrorCode::not_found);
  EXPECT_EQ(store.append(id, {"user", "x", "", {}}).error().code, ErrorCode::not_found);
  EXPECT_NE(store.create("a", "").value(), id) << "ids are not used again";
}

TEST_F(ChatStoreTest, ChangesModelSystemAndLastAnswer) {
  ChatStore store = ChatStore::open(path_).value();
  const std::int64_t id = store.create("a", "").value();
  ASSERT_TRUE(store.set_model(id, "b").ok());
  ASSERT_TRUE(store.set_system(id, "s").ok());
  ASSERT_TRUE(store.append(id, {"user", "question", "", {}}).ok());
  ASSERT_TRUE(store.remove_last_answer(id).ok());
  EXPECT_EQ(store.load(id).value().messages.size(), 1U) << "a question is no answer";
  ASSERT_TRUE(store.append(id, {"assistant", "answer", "", {}}).ok());
  ASSERT_TRUE(store.remove_last_answer(id).ok());
  const Conversation conversation = store.load(id).value();
  EXPECT_EQ(conversation.messages.size(), 1U);
  EXPECT_EQ(conversation.model, "b");
  EXPECT_EQ(conversation.system, "s");
}

TEST_F(ChatStoreTest, KillLosesNothingCommitted) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ChatStore store = ChatStore::open(path_).value();
    const std::int64_t id = store.create("a", "").value();
    for (char count = 1;; ++count) {
      if (!store.append(id, {"user", "question", "", {}}).ok()) ::_exit(1);
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

TEST(PromptMessages, LeavesOutQuestionsWithoutAnswer) {
  Conversation conversation;
  conversation.system = "s";
  conversation.messages = {{"user", "1", "", {}}, {"assistant", "one", "", {}},
                           {"user", "2", "", {}}, {"assistant", "", "", MessageState::failed},
                           {"user", "3", "", {}}, {"assistant", "thr", "", MessageState::cancelled},
                           {"user", "4", "", {}}, {"user", "5", "", {}}};
  EXPECT_THAT(prompt_messages(conversation),
              ::testing::ElementsAre(Message{"system", "s"}, Message{"user", "1"},
                                     Message{"assistant", "one"}, Message{"user", "3"},
                                     Message{"assistant", "thr"}, Message{"user", "5"}));
}

}  // namespace
}  // namespace tenfold
