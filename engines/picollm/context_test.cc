// The context that outlives a load, with the stand-in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "testing/engine_fixture.h"

namespace tenfold::picollm {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

class Context : public EngineTest {
 protected:
  Result<ModelInfo> load_with_context(const std::string& name = "phi3 stand-in",
                                      const OnProgress& on_progress = {}) {
    LoadOptions options;
    options.engine_options["access_key"] = std::string("a key of the tests");
    options.engine_options["context_folder"] = kept_.string();
    options.engine_options["context_caching"] = true;
    return engine_->initialize({.path = write_model(name)}, options, on_progress);
  }

  /// How many tokens the model reads of a conversation that ends with this question.
  int tokens_read(std::vector<Message> before, const std::string& question) {
    Request request = ask(question);
    before.push_back({"user", question + " " + std::string(stand_in::counts)});
    request.prompt = before;
    const auto answer = engine_->generate(request);
    EXPECT_TRUE(answer.ok()) << answer.error().message;
    last_ = answer.ok() ? answer->text : "";
    return std::atoi(last_.c_str());
  }

  std::vector<fs::path> kept() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(kept_)) files.push_back(entry.path());
    return files;
  }

  const fs::path kept_ = fs::temp_directory_path() /
                         ("tenfold-picollm-" + std::to_string(::getpid())) / "a" / "context";
  std::string last_;
};

TEST_F(Context, AConversationGoesOnAfterAnotherLoad) {
  const std::string question = "tell me all about the sea and the hills " + std::string("!counts");
  ASSERT_TRUE(load_with_context().ok());
  const int whole = tokens_read({}, "tell me all about the sea and the hills");
  EXPECT_GT(whole, 10);
  const std::vector<Message> before{{"user", question}, {"assistant", last_}};
  const int more = tokens_read(before, "and birds");
  EXPECT_LT(more, whole);
  ASSERT_TRUE(load_with_context().ok()) << "nobody had it kept";
  EXPECT_GT(tokens_read(before, "and birds"), whole);
  ASSERT_TRUE(engine_->keep({}).ok());
  engine_->cleanup();
  ASSERT_TRUE(load_with_context().ok());
  tokens_read(before, "and birds");
  EXPECT_THAT(last_, StartsWith("0-read")) << "the whole prompt was there";
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_THAT(kept()[0].filename().string(),
              MatchesRegex("tenfold-[0-9a-f]{32}\\.picollm-context"));
  EXPECT_EQ(fs::status(kept()[0]).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(fs::status(kept_).permissions(), fs::perms::owner_all);
}

TEST_F(Context, OnlyWhatAnAnswerChangedIsSaved) {
  ASSERT_TRUE(load_with_context().ok());
  ASSERT_TRUE(engine_->keep({}).ok());
  EXPECT_TRUE(kept().empty()) << "nothing was evaluated";
  tokens_read({}, "Hi");
  ASSERT_TRUE(engine_->keep({}).ok());
  ASSERT_EQ(kept().size(), 1U);
  fs::remove(kept()[0]);
  ASSERT_TRUE(engine_->keep({}).ok());
  EXPECT_TRUE(kept().empty()) << "it has been saved";
  engine_->cleanup();
  EXPECT_TRUE(engine_->keep({}).ok()) << "no model";
}

TEST_F(Context, EachModelHasAFileOfItsOwn) {
  for (const char* name : {"phi3 stand-in", "phi2 stand-in", "phi3 stand-in"}) {
    ASSERT_TRUE(load_with_context(name).ok()) << name;
    tokens_read({}, "Hi");
    ASSERT_TRUE(engine_->keep({}).ok());
  }
  EXPECT_EQ(kept().size(), 2U);
}

TEST_F(Context, WhatCannotBeLoadedIsNamedAndStays) {
  ASSERT_TRUE(load_with_context("phi2 stand-in").ok());
  tokens_read({}, "Hi");
  ASSERT_TRUE(engine_->keep({}).ok());
  const fs::path of_other = kept().at(0);
  const std::string other = read_file(of_other, 1 << 20).value();
  fs::remove(of_other);
  ASSERT_TRUE(load_with_context().ok());
  tokens_read({}, "Hi");
  ASSERT_TRUE(engine_->keep({}).ok());
  const fs::path file = kept().at(0);
  const std::string whole = read_file(file, 1 << 20).value();
  for (const std::string& wrong : {other, whole.substr(0, whole.size() - 3), std::string("x")}) {
    ASSERT_TRUE(write_file_atomically(file, wrong).ok());
    const auto refused = load_with_context();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(to_string(refused.error().code), "io");
    EXPECT_THAT(refused.error().message, HasSubstr(file.string()));
    EXPECT_THAT(refused.error().hint, HasSubstr("delete it"));
    EXPECT_FALSE(engine_->is_initialized());
    EXPECT_EQ(read_file(file, 1 << 20).value(), wrong);
  }
}

TEST_F(Context, AnAnswerThatFailsSavesNothing) {
  ASSERT_TRUE(load_with_context().ok());
  tokens_read({}, "Hi");
  ASSERT_FALSE(engine_->generate(ask(std::string(stand_in::fails))).ok());
  ASSERT_TRUE(engine_->keep({}).ok());
  EXPECT_TRUE(kept().empty());
}

TEST_F(Context, WhatIsNoFileIsNeitherReadNorFollowed) {
  ASSERT_TRUE(load_with_context().ok());
  tokens_read({}, "Hi");
  ASSERT_TRUE(engine_->keep({}).ok());
  const fs::path file = kept().at(0);
  const fs::path elsewhere = folder_ / "elsewhere";
  fs::rename(file, elsewhere);
  const auto expect_refused = [&] {
    const auto refused = load_with_context();
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(to_string(refused.error().code), "io");
    EXPECT_THAT(refused.error().message, HasSubstr(file.string()));
    fs::remove(file);
  };
  ASSERT_EQ(::mkfifo(file.c_str(), S_IRUSR | S_IWUSR), 0);
  expect_refused();
  fs::create_symlink(elsewhere, file);
  expect_refused();
  fs::rename(elsewhere, file);
  EXPECT_TRUE(load_with_context().ok());
}

TEST_F(Context, ReadingItCanBeCancelled) {
  ASSERT_TRUE(load_with_context().ok());
  tokens_read({}, "Hi");
  ASSERT_TRUE(engine_->keep({}).ok());
  const std::string stuck = std::string(stand_in::stuck_context) + "\n";
  ASSERT_TRUE(write_file_atomically(kept().at(0), stuck).ok());
  int asked = 0;
  const auto cancelled = load_with_context("phi3 stand-in", [&](double) { return ++asked < 3; });
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(to_string(cancelled.error().code), "cancelled");
}

TEST_F(Context, AFolderThatCannotBeIsNamedBeforeTheKeyIsChecked) {
  ASSERT_TRUE(write_file_atomically(folder_ / "a", "a file").ok());
  const auto refused = load_with_context();
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr(kept_.string()));
  EXPECT_FALSE(engine_->is_initialized());
}

TEST_F(Context, AFailureToSaveLeavesWhatWasThere) {
  ASSERT_TRUE(load_with_context().ok());
  tokens_read({}, "Hi");
  ASSERT_TRUE(engine_->keep({}).ok());
  const fs::path file = kept().at(0);
  fs::remove(file);
  fs::create_directories(file / "in the way");
  tokens_read({}, "Hi again");
  const auto failed = engine_->keep({});
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().message, HasSubstr(file.string()));
  EXPECT_EQ(kept().size(), 1U) << "nothing half written is left";
  EXPECT_TRUE(fs::exists(file / "in the way"));
  fs::remove_all(kept_);
  EXPECT_FALSE(engine_->keep({}).ok());
}

TEST_F(Context, NeedsCaching) {
  LoadOptions options;
  options.engine_options["context_folder"] = kept_.string();
  const auto refused = load("phi3 stand-in", options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(to_string(refused.error().code), "invalid_argument");
  EXPECT_THAT(refused.error().message, HasSubstr("context_caching"));
  EXPECT_FALSE(fs::exists(kept_));
}

TEST_F(Context, OthersFilesAreLeftAlone) {
  ASSERT_TRUE(load_with_context().ok());
  tokens_read({}, "Hi");
  ASSERT_TRUE(engine_->keep({}).ok());
  const std::string ours = kept().at(0);
  const std::vector<std::string> files{ours + ".1-0.new", ours + ".2-0.new", ours + ".old",
                                       (kept_ / "x.new").string()};
  for (const std::string& file : files) ASSERT_TRUE(write_file_atomically(file, "x").ok());
  for (const auto at : {0U, 2U, 3U}) {
    fs::last_write_time(files[at], fs::file_time_type::clock::now() - std::chrono::hours(25));
  }
  ASSERT_TRUE(load_with_context().ok());
  EXPECT_FALSE(fs::exists(files[0])) << "a process that died left it";
  for (const auto at : {1U, 2U, 3U}) EXPECT_TRUE(fs::exists(files[at])) << files[at];
}

}  // namespace
}  // namespace tenfold::picollm
