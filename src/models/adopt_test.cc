#include "models/adopt.h"

#include <gmock/gmock.h>

#include <map>

#include "models/store_fixture.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* tiny = "tests/models/tiny-llama";

/// A user's home folder with nothing in it but what the test makes.
class AdoptTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    for (const char* name : {"HOME", "OLLAMA_MODELS", "LLAMA_CACHE", "HF_HUB_CACHE", "HF_HOME",
                             "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "XDG_DATA_HOME"}) {
      if (const char* value = ::getenv(name)) old_[name] = value;
      ::unsetenv(name);
    }
    ::setenv("HOME", home_.c_str(), 1);
    for (const auto& entry : fs::directory_iterator(tiny)) {
      if (entry.path().extension() == ".gguf") gguf_ = entry.path();
    }
    ASSERT_FALSE(gguf_.empty());
  }
  void TearDown() override {
    ::unsetenv("HOME");
    for (const auto& [name, value] : old_) ::setenv(name.c_str(), value.c_str(), 1);
    StoreTest::TearDown();
  }
  void put(const fs::path& path) const {
    fs::create_directories(path.parent_path());
    fs::copy_file(gguf_, path);
  }
  static std::string manifest(const std::string& layers) {
    return R"({"schemaVersion":2,"layers":[)" + layers + "]}";
  }
  static std::string layer(const std::string& kind, const std::string& digest) {
    return R"({"mediaType":"application/vnd.ollama.image.)" + kind + R"(","digest":"sha256:)" +
           digest + "\"}";
  }

  std::map<std::string, std::string> old_;
  fs::path gguf_;
};

TEST_F(AdoptTest, NothingIsThere) {
  const FoundModels found = find_models_of_others();
  EXPECT_TRUE(found.models.empty());
}

TEST_F(AdoptTest, OllamaManifestsNameBlobs) {
  const fs::path ollama = home_ / ".ollama/models";
  const std::string model(64, 'a');
  const std::string system(64, 'b');
  put(ollama / ("blobs/sha256-" + model));
  write(ollama / ("blobs/sha256-" + system), "Be brief.");
  const fs::path library = ollama / "manifests/registry.ollama.ai/library";
  write(library / "llama3.2/latest",
        manifest(layer("model", model) + "," + layer("system", system)));
  write(library / "llama3.2/3b", manifest(layer("model", model)));
  write(library / "evil/latest", manifest(layer("model", "../../../etc/passwd")));
  write(library / "gone/latest", manifest(layer("model", std::string(64, 'c'))));
  write(library / "lora/latest", manifest(layer("model", model) + "," + layer("adapter", system)));
  write(library / "text/latest", "no manifest");
  write(ollama / "manifests/registry.ollama.ai/me/mine/latest", manifest(layer("model", model)));
  FoundModels found;
  find_ollama_models(found);
  std::vector<std::string> names;
  for (const StoredModel& one : found.models) names.push_back(one.name);
  ASSERT_THAT(names, ::testing::ElementsAre("llama3.2-3b", "llama3.2", "me-mine"));
  EXPECT_EQ(found.models[1].system, "Be brief.");
  EXPECT_EQ(found.models[1].files[0].sha256, model);
  EXPECT_EQ(found.models[1].path, ollama / ("blobs/sha256-" + model));
  EXPECT_FALSE(found.models[1].owned);
  std::string reasons;
  for (const SkippedModel& skipped : found.skipped) {
    reasons += skipped.path.parent_path().filename().string() + ": " + skipped.reason + "\n";
  }
  EXPECT_THAT(reasons, HasSubstr("evil: its manifest names a blob \"sha256:../../../etc/passwd\""));
  EXPECT_THAT(reasons, HasSubstr("blobs: cannot open"));
  EXPECT_THAT(reasons, HasSubstr("lora: it needs an adapter"));
  EXPECT_THAT(reasons, HasSubstr("is no manifest of Ollama"));
}

TEST_F(AdoptTest, TheHubCacheIsReadThroughItsSnapshots) {
  const fs::path repository = home_ / ".cache/huggingface/hub/models--org--tiny-GGUF";
  const std::string digest(64, 'd');
  put(repository / "blobs" / digest);
  write(repository / "refs/main", "abc\n");
  fs::create_directories(repository / "snapshots/abc");
  fs::create_symlink("../../blobs/" + digest, repository / "snapshots/abc/tiny-Q4.gguf");
  write(repository / "snapshots/old/tiny-Q2.gguf", "an older one");
  write(repository / "blobs/x.incomplete", "half");
  const fs::path folder = home_ / ".cache/huggingface/hub/models--org--mlx";
  write(folder / "snapshots/1/config.json", small_config);
  write(folder / "snapshots/1/tokenizer.json", small_tokenizer);
  write(folder / "snapshots/1/model.safetensors", small_safetensors());
  write(home_ / ".cache/huggingface/hub/models--org--text/snapshots/1/README.md", "x");
  FoundModels found;
  find_hub_models(found);
  ASSERT_EQ(found.models.size(), 2U);
  EXPECT_EQ(found.models[0].name, "mlx");
  EXPECT_EQ(found.models[0].format, "safetensors");
  EXPECT_EQ(found.models[0].path, folder / "snapshots/1");
  EXPECT_EQ(found.models[1].name, "tiny-Q4");
  EXPECT_EQ(found.models[1].path, repository / "blobs" / digest);
  EXPECT_EQ(found.models[1].files[0].sha256, digest);
  EXPECT_EQ(found.models[1].source, "Hugging Face: org/tiny-GGUF@abc");
  ASSERT_EQ(found.skipped.size(), 2U);
  EXPECT_THAT(found.skipped[0].reason, HasSubstr("a folder without a model"));
}

TEST_F(AdoptTest, FoldersOfOtherProgramsAreSearched) {
  put(home_ / ".lmstudio/models/org/tiny-GGUF/tiny.gguf");
  write(home_ / ".lmstudio/models/org/tiny-GGUF/mmproj.gguf", "GGUF");
  put(home_ / "elsewhere/org_repo_file.gguf");
  write(home_ / "elsewhere/half.gguf.downloadInProgress", "half");
  ::setenv("LLAMA_CACHE", (home_ / "elsewhere").c_str(), 1);
  put(home_ / ".local/share/nomic.ai/GPT4All/four.gguf");
  write(home_ / ".local/share/nomic.ai/GPT4All/incomplete-five.gguf", "half");
  FoundModels found;
  find_folder_models(found);
  ::unsetenv("LLAMA_CACHE");
  ASSERT_EQ(found.models.size(), 3U);
  EXPECT_EQ(found.models[0].name, "tiny");
  EXPECT_THAT(found.models[0].source, HasSubstr("LM Studio: "));
  EXPECT_EQ(found.models[1].name, "org_repo_file");
  EXPECT_EQ(found.models[2].name, "four");
  EXPECT_EQ(found.skipped.size(), 3U);
}

TEST_F(AdoptTest, LmStudioMayHaveMoved) {
  write(home_ / ".lmstudio-home-pointer", (home_ / "studio").string() + "\n");
  put(home_ / "studio/models/org/repo/tiny.gguf");
  FoundModels found;
  find_folder_models(found);
  ASSERT_EQ(found.models.size(), 1U);
  EXPECT_EQ(found.models[0].path, home_ / "studio/models/org/repo/tiny.gguf");
}

}  // namespace
}  // namespace tenfold
