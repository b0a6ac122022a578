#include "cli/presets.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/settings.h"

namespace tenfold {
namespace {

class PresetsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(home_);
    ::setenv("TENFOLD_HOME", home_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TENFOLD_HOME");
    std::filesystem::remove_all(home_);
  }

  void config(const std::string& text) { std::ofstream(path_) << text; }

  const std::string home_ = ::testing::TempDir() + "tenfold-presets-" + std::to_string(::getpid());
  const std::string path_ = home_ + "/config.json";
};

TEST_F(PresetsTest, AreFoundByNameAndByPath) {
  ModelStore store = ModelStore::open().value();
  StoredModel model;
  model.name = "known";
  model.format = "gguf";
  model.path = home_ + "/known.gguf";
  ASSERT_TRUE(store.add(model).ok());
  config(R"({"presets": {"known": {"temperature": 0.25, "top_k": 3}, ")" + home_ +
         R"(/other.gguf": {"min_p": 0.5}}})");
  EXPECT_EQ(model_preset(store, path_, "known").top_k, 3);
  EXPECT_EQ(model_preset(store, path_, model.path).temperature, 0.25);
  EXPECT_EQ(model_preset(store, path_, home_ + "/./other.gguf").min_p, 0.5);
  EXPECT_EQ(model_preset(store, path_, "nobody").min_p, std::nullopt);
  EXPECT_EQ(model_preset(store, "/none", "known").top_k, std::nullopt);
}

TEST_F(PresetsTest, FaultsNameTheirPlace) {
  const auto message = [&](const std::string& text) {
    config(text);
    const auto read = read_config(path_);
    return read.ok() ? std::string("accepted") : read.error().message;
  };
  EXPECT_EQ(message(R"({"presets": {"m": {"top_k": 3}}, "threads": 1})"), "accepted");
  EXPECT_EQ(message(R"({"presets": []})"), path_ + ": presets must be an object");
  EXPECT_EQ(message(R"({"presets": {"m": 1}})"), path_ + ": presets.m must be an object");
  EXPECT_EQ(message(R"({"presets": {"m": {"frob": 1}}})"),
            path_ + ": presets.m.frob is not a known field");
  EXPECT_EQ(message(R"({"presets": {"m": {"top_p": 7}}})"),
            path_ + ": presets.m.top_p cannot be 7");
  ModelStore store;
  EXPECT_EQ(model_preset(store, path_, "m").top_p, std::nullopt) << "broken by hand";
}

}  // namespace
}  // namespace tenfold
