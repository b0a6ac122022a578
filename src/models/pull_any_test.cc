// Pulls from a hub on loopback, from the name the user types to the entry in the store.
#include "models/pull_any.h"

#include <gmock/gmock.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/sha256.h"
#include "download/testing/http_peer.h"
#include "models/place.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::HttpPeer;
using ::testing::IsEmpty;
using testing::PeerReply;
using testing::PeerRequest;

std::string sha256_of(const std::string& bytes) {
  Sha256 hash = Sha256::create().value();
  hash.update(std::as_bytes(std::span(bytes)));
  return hash.finish();
}

std::string large_safetensors(std::size_t floats) {
  const std::string size = std::to_string(floats);
  const std::string header = R"({"a":{"dtype":"F32","shape":[)" + size + R"(],"data_offsets":[0,)" +
                             std::to_string(4 * floats) + "]}}";
  return GgufBuilder::raw_string(header) + *testing::random_file(4 * floats);
}

class PullAnyTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ::setenv("HF_ENDPOINT", peer_.url("").c_str(), 1);
    ::setenv("HF_TOKEN_PATH", (home_ / "none").c_str(), 1);
    ::unsetenv("HF_TOKEN");
  }
  void TearDown() override {
    for (const char* name : {"HF_ENDPOINT", "HF_TOKEN_PATH", "HF_TOKEN"}) ::unsetenv(name);
    StoreTest::TearDown();
  }
  void add(const std::string& path, std::string content) {
    files_[path] = std::make_shared<const std::string>(std::move(content));
  }
  /// Three files in one folder.
  void add_folder_model(std::size_t floats = 1) {
    add("config.json", small_config);
    add("model.safetensors", large_safetensors(floats));
    add("tokenizer.json", small_tokenizer);
  }

  PeerReply answer(const PeerRequest& asked) {
    const auto authorization = asked.headers.find("authorization");
    const std::string token = authorization == asked.headers.end() ? "" : authorization->second;
    if (asked.target == "/api/models/o/m/revision/main?blobs=true") {
      if (closed_ && token != "Bearer good") return status(401);
      return listing();
    }
    const std::string prefix = "/o/m/resolve/c0ffee/";
    if (!asked.target.starts_with(prefix)) return status(404);
    if (gated_ && token != "Bearer good") return status(token.empty() ? 401 : 403);
    const auto file = files_.find(asked.target.substr(prefix.size()));
    if (gone_ || file == files_.end()) return status(404);
    PeerReply reply = testing::serve(asked, file->second);
    if (stall_after_ > 0) reply.stall_after = stall_after_;
    return reply;
  }
  static PeerReply status(int status) {
    PeerReply reply;
    reply.status = status;
    return reply;
  }
  PeerReply listing() const {
    nlohmann::json siblings = nlohmann::json::array();
    for (const auto& [path, content] : files_) {
      siblings.push_back({{"rfilename", path}, {"size", content->size()}});
      if (content->size() > 1000) siblings.back()["lfs"] = {{"sha256", sha256_of(*content)}};
    }
    const nlohmann::json json{{"sha", "c0ffee"},
                              {"gated", gated_},
                              {"cardData", {{"license", "mit"}}},
                              {"siblings", siblings}};
    PeerReply reply;
    reply.body = std::make_shared<const std::string>(json.dump());
    return reply;
  }

  Result<Pulled> pull(const std::string& text = "hf:o/m") {
    return pull_any(TRY(pull_target(text)), options_, on_progress_);
  }
  /// Paths of the files that were asked for.
  std::vector<std::string> fetched() const {
    std::vector<std::string> paths;
    for (const PeerRequest& request : peer_.requests()) {
      if (request.target.starts_with("/o/")) {
        paths.push_back(request.target.substr(request.target.rfind('/') + 1));
      }
    }
    return paths;
  }

  std::map<std::string, std::shared_ptr<const std::string>> files_;
  bool gated_ = false;
  bool closed_ = false;  ///< to those without the token, the listing included
  bool gone_ = false;    ///< listed, but not there
  std::atomic<std::uint64_t> stall_after_ = 0;
  PullOptions options_;
  std::function<void(const PullProgress&)> on_progress_;
  HttpPeer peer_{[this](const PeerRequest& asked) { return answer(asked); }};
};

TEST_F(PullAnyTest, AModelOfSeveralFilesIsOneEntry) {
  add_folder_model();
  add("README.md", "# M");
  add("gguf/m-Q4_0.gguf", small_gguf());
  std::vector<PullProgress> seen;
  on_progress_ = [&](const PullProgress& progress) { seen.push_back(progress); };
  const Pulled pulled = pull("hf:o/m:.").value();
  EXPECT_TRUE(pulled.downloaded);
  EXPECT_EQ(pulled.model.name, "m");
  EXPECT_EQ(pulled.model.format, "safetensors");
  EXPECT_EQ(pulled.model.source, "hf:o/m@c0ffee");
  EXPECT_EQ(pulled.model.licence, "mit");
  EXPECT_EQ(pulled.model.path, models_folder() / "m");
  EXPECT_EQ(pulled.model.files.size(), 3U);
  EXPECT_EQ(missing_file(pulled.model), nullptr);
  EXPECT_THAT(fetched(), ElementsAre("config.json", "model.safetensors", "tokenizer.json"));
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().number, 3U);
  EXPECT_EQ(seen.back().count, 3U);
  EXPECT_EQ(seen.back().done, pulled.model.bytes());
  EXPECT_EQ(seen.back().total, pulled.model.bytes());
  EXPECT_FALSE(std::filesystem::exists(models_folder() / ".m.pull"));
  EXPECT_FALSE(pull("hf:o/m:.").value().downloaded);
  EXPECT_EQ(fetched().size(), 3U);
}

TEST_F(PullAnyTest, SeveralModelsAreListedAndOneIsChosen) {
  add("m-Q4_0.gguf", small_gguf());
  add("m-Q8_0.gguf", small_gguf());
  const Error several = pull().error();
  EXPECT_EQ(several.code, ErrorCode::invalid_argument);
  EXPECT_THAT(several.message, HasSubstr("m-Q8_0.gguf"));
  EXPECT_THAT(fetched(), IsEmpty());
  const Pulled pulled = pull("hf:o/m:q8_0").value();
  EXPECT_EQ(pulled.model.path, models_folder() / "m-q8_0.gguf");
  EXPECT_THAT(fetched(), ElementsAre("m-Q8_0.gguf"));
}

TEST_F(PullAnyTest, ACancelledPullGoesOnFromTheBlock) {
  add_folder_model(3 << 20);
  std::uint64_t done = 0;
  on_progress_ = [&](const PullProgress& progress) { done = progress.done; };
  options_.cancelled = [&] { return done > 6'000'000; };
  stall_after_ = 7'000'000;
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::cancelled);
  EXPECT_THAT(error.hint, HasSubstr("go on"));
  EXPECT_EQ(ModelStore::open().value().find("m").value(), std::nullopt);
  stall_after_ = 0;
  options_.cancelled = {};
  const std::size_t before = peer_.requests().size();
  std::vector<std::string> steps;
  options_.on_step = [&](const std::string& line) { steps.push_back(line); };
  const Pulled pulled = pull().value();
  EXPECT_EQ(missing_file(pulled.model), nullptr);
  const auto requests = peer_.requests();
  for (std::size_t i = before; i < requests.size(); ++i) {
    EXPECT_THAT(requests[i].target, ::testing::Not(HasSubstr("config.json")));
    if (!requests[i].target.ends_with(".safetensors")) continue;
    EXPECT_THAT(requests[i].headers.at("range"), ::testing::Not(HasSubstr("bytes=0-")));
  }
  EXPECT_THAT(steps, ::testing::Contains("going on with model.safetensors at 4.0 MiB"));
}

TEST_F(PullAnyTest, GatedModelsNeedATokenThatIsAccepted) {
  add("m.gguf", small_gguf());
  gated_ = true;
  const Error none = pull().error();
  EXPECT_EQ(none.code, ErrorCode::permission_denied);
  EXPECT_THAT(none.hint, HasSubstr("accept its licence on " + peer_.url("/o/m")));
  ::setenv("HF_TOKEN", "bad", 1);
  const Error refused = pull().error();
  EXPECT_EQ(refused.code, ErrorCode::permission_denied);
  EXPECT_THAT(refused.message, HasSubstr("refused the token"));
  EXPECT_THAT(refused.message, HasSubstr("HTTP 403"));
  ::setenv("HF_TOKEN", "good", 1);
  EXPECT_TRUE(pull().value().downloaded);
}

TEST_F(PullAnyTest, PrivateAndUnknownRepositoriesSayWhatToDo) {
  closed_ = true;
  const Error closed = pull().error();
  EXPECT_EQ(closed.code, ErrorCode::permission_denied);
  EXPECT_THAT(closed.hint, HasSubstr("set HF_TOKEN"));
  const Error unknown = pull("hf:o/other").error();
  EXPECT_EQ(unknown.code, ErrorCode::not_found);
  EXPECT_THAT(unknown.message, HasSubstr("o/other"));
}

TEST_F(PullAnyTest, AFileThatIsGoneLeavesNoEntry) {
  add("m.gguf", small_gguf());
  gone_ = true;
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_THAT(error.message, HasSubstr("/o/m/resolve/c0ffee/m.gguf does not exist"));
  EXPECT_FALSE(std::filesystem::exists(models_folder() / ".m.pull"));
}

TEST_F(PullAnyTest, NamesThatLeaveTheFolderAreRefusedBeforeTheFirstByte) {
  add("m.gguf", small_gguf());
  add("../../evil.gguf", small_gguf());
  const Error error = pull("hf:o/m:m.gguf").error();
  EXPECT_EQ(error.code, ErrorCode::protocol);
  EXPECT_THAT(error.message, HasSubstr("would leave the model's folder"));
  EXPECT_THAT(fetched(), IsEmpty());
}

TEST_F(PullAnyTest, LinksInTheStoreAreNotFollowed) {
  add("m.gguf", small_gguf());
  write(home_ / "precious", "keep me");
  std::filesystem::create_directories(models_folder());
  std::filesystem::create_directory_symlink(home_, models_folder() / ".m.pull");
  EXPECT_EQ(pull().error().code, ErrorCode::permission_denied);
  std::filesystem::remove(models_folder() / ".m.pull");
  std::filesystem::create_symlink(home_ / "precious", models_folder() / "m.gguf");
  ASSERT_TRUE(pull().ok());
  EXPECT_FALSE(std::filesystem::is_symlink(models_folder() / "m.gguf"));
  EXPECT_EQ(std::filesystem::file_size(home_ / "precious"), 7U);
}

TEST_F(PullAnyTest, AFileOfAnotherModelIsNotOverwritten) {
  add("m.gguf", small_gguf());
  ASSERT_TRUE(pull().ok());
  ModelStore store = ModelStore::open().value();
  StoredModel model = store.find("m").value().value();
  ASSERT_TRUE(store.remove("m").ok());
  model.name = "mine";
  ASSERT_TRUE(store.add(model).ok());
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::invalid_argument);
  EXPECT_THAT(error.message, HasSubstr("already here as mine"));
}

TEST_F(PullAnyTest, TwoAtOnceDownloadOnce) {
  add_folder_model(1 << 20);
  CatalogueModel model = pull_target("hf:o/m").value();
  std::atomic<int> downloads = 0;
  const auto run = [&] {
    const Result<Pulled> pulled = pull_any(model, {}, {});
    ASSERT_TRUE(pulled.ok()) << pulled.error().message;
    downloads += pulled->downloaded ? 1 : 0;
  };
  std::thread other(run);
  run();
  other.join();
  EXPECT_EQ(downloads, 1);
  EXPECT_EQ(fetched().size(), 3U);
}

TEST_F(PullAnyTest, OfflineAModelOfTheCatalogueThatIsHereIsEnough) {
  add("m.gguf", small_gguf());
  CatalogueModel model;
  model.name = "named";
  model.format = "gguf";
  model.source = HubSource{"o/m", "main", ""};
  ::setenv("TENFOLD_OFFLINE", "1", 1);
  const Result<Pulled> refused = pull_any(model, {}, {});
  ::unsetenv("TENFOLD_OFFLINE");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::network);
  EXPECT_TRUE(peer_.requests().empty());
  ASSERT_TRUE(pull_any(model, {}, {}).ok());
  ::setenv("TENFOLD_OFFLINE", "1", 1);
  const Result<Pulled> here = pull_any(model, {}, {});
  ::unsetenv("TENFOLD_OFFLINE");
  ASSERT_TRUE(here.ok());
  EXPECT_FALSE(here->downloaded);
}

TEST_F(PullAnyTest, TheGuardRefusesPrivateHosts) {
  add("m.gguf", small_gguf());
  options_.public_hosts_only = true;
  for (const std::string& target : {std::string("hf:o/m"), peer_.url("/o/m/resolve/c0ffee/m.gguf"),
                                    peer_.url("/x.gguf", "localhost")}) {
    const Error error = pull(target).error();
    EXPECT_EQ(error.code, ErrorCode::permission_denied) << target;
    EXPECT_THAT(error.message, HasSubstr("not on the public internet"));
  }
  EXPECT_TRUE(peer_.requests().empty());
}

TEST_F(PullAnyTest, AFileOfThisMachineIsCopied) {
  write(home_ / "there/x.gguf", small_gguf());
  CatalogueModel model;
  model.name = "local";
  model.format = "gguf";
  model.source = LocalSource{home_ / "there/x.gguf"};
  EXPECT_TRUE(pull_any(model, {}, {}).value().downloaded);
  EXPECT_TRUE(std::filesystem::exists(models_folder() / "local.gguf"));
  EXPECT_TRUE(std::filesystem::exists(home_ / "there/x.gguf"));
  EXPECT_FALSE(pull_any(model, {}, {}).value().downloaded);
}

}  // namespace
}  // namespace tenfold
