// Models of this machine over a socket.
#include <gmock/gmock.h>

#include <fstream>
#include <memory>

#include "base/sha256.h"
#include "models/place.h"
#include "models/store.h"
#include "server/testing/server_fixture.h"

namespace tenfold::server {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LocalModelsTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    models_ = home_ / "others";
    std::filesystem::create_directories(models_);
    for (const char* variable : {"OLLAMA_MODELS", "HF_HUB_CACHE", "LLAMA_CACHE"}) {
      ::setenv(variable, models_.c_str(), 1);
    }
    ::setenv("HOME", home_.c_str(), 1);
  }

  std::filesystem::path models_;
};

TEST_F(LocalModelsTest, WhatIsNoModelIsNotImported) {
  start();
  Client client = connect();
  client.post("/api/v1/models", R"({"path": "/nowhere/a.gguf"})");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("/nowhere/a.gguf")));
  client.post("/api/v1/models", R"({"path": "a.gguf"})");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 400"), HasSubstr("absolute")));
  std::ofstream(models_ / "a.gguf") << "no model";
  client.post("/api/v1/models", Json{{"path", (models_ / "a.gguf").string()}}.dump());
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 4"));
}

TEST_F(LocalModelsTest, OnlyWhatIsThereIsAdopted) {
  start();
  Client client = connect();
  client.get("/api/v1/adoptable");
  const Json found = body(client.reply());
  EXPECT_EQ(found["models"].size(), 0U);
  EXPECT_GE(found["folders"].size(), 1U);
  client.post("/api/v1/adopt", R"({"paths": ["/etc/passwd"]})");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("/etc/passwd")));
  client.post("/api/v1/adopt", "{}");
  EXPECT_EQ(body(client.reply())["models"].size(), 0U);
}

TEST_F(LocalModelsTest, LongJobsHoldUpNoAnswer) {
  StoredModel large;
  large.name = "large";
  large.format = "gguf";
  large.path = models_ / "large.gguf";
  constexpr std::uint64_t bytes = std::uint64_t{1} << 36;  // minutes of hashing, without a block
  std::ofstream(large.path).close();
  std::filesystem::resize_file(large.path, bytes);
  large.files = {{large.path, bytes, std::string(64, '0'), 0}};
  ASSERT_TRUE(ModelStore::open()->add(large).ok());
  start();
  std::vector<std::unique_ptr<Client>> jobs;
  for (int i = 0; i < 5; ++i) {
    jobs.push_back(std::make_unique<Client>(server_->addresses()[0]));
    jobs.back()->post("/api/v1/models/large/verify", "");
  }
  Client client = connect();
  for (int i = 0; i < 3; ++i) {
    client.post("/v1/chat/completions", chat("words 1"));
    EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  }
  client.get("/api/v1/status");
  EXPECT_THAT(client.reply(), StartsWith("HTTP/1.1 200"));
  for (const auto& job : jobs) job->close();
}

TEST_F(LocalModelsTest, UseOfTheDiskIsTold) {
  start();
  Client client = connect();
  client.get("/api/v1/disk");
  const Json use = body(client.reply());
  EXPECT_EQ(use["owned_bytes"], 0);
  EXPECT_GT(use["free_bytes"], 0);
  client.get("/api/v1/models/nobody");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("nobody")));
}

TEST_F(LocalModelsTest, UnfinishedDownloadsAreDeleted) {
  start();
  const std::filesystem::path folder = models_folder();
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "a.gguf.partial") << "half";
  Client client = connect();
  client.get("/api/v1/disk");
  EXPECT_EQ(body(client.reply())["unfinished_bytes"], 4);
  client.send("DELETE /api/v1/downloads HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Json cleared = body(client.reply());
  EXPECT_EQ(cleared["freed_bytes"], 4);
  EXPECT_EQ(cleared["leftovers"][0]["path"], (folder / "a.gguf.partial").string());
  EXPECT_FALSE(std::filesystem::exists(folder / "a.gguf.partial"));
}

TEST_F(LocalModelsTest, FilesThatChangedAreNamed) {
  const std::filesystem::path file = models_ / "a.bin";
  std::ofstream(file) << "weights";
  StoredModel model;
  model.name = "a";
  model.format = "gguf";
  model.path = file;
  model.files = {{file, 7, sha256_of_file(file).value(), 0}};
  ASSERT_TRUE(ModelStore::open().value().add(model).ok());
  start();
  Client client = connect();
  const auto verify = [&] {
    client.post("/api/v1/models/a/verify", "");
    return body(client.reply());
  };
  const Json good = verify();
  EXPECT_EQ(good["good"], true);
  EXPECT_EQ(good["files"][0]["path"], file.string());
  EXPECT_EQ(good["files"][0]["state"], "good");
  std::ofstream(file) << "WEIGHTS";
  const Json changed = verify();
  EXPECT_EQ(changed["good"], false);
  EXPECT_EQ(changed["files"][0]["state"], "changed");
  EXPECT_THAT(changed["files"][0]["detail"].get<std::string>(), HasSubstr("SHA-256"));
  client.post("/api/v1/models/nobody/verify", "");
  EXPECT_THAT(client.reply(), AllOf(StartsWith("HTTP/1.1 404"), HasSubstr("nobody")));
}

}  // namespace
}  // namespace tenfold::server
