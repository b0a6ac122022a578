#include "models/import.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/files.h"
#include "formats/onnx_builder.h"
#include "models/place.h"
#include "models/remove.h"
#include "models/store_fixture.h"
#include "models/verify_files.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string some_gguf = small_gguf();

class ImportTest : public StoreTest {
 protected:
  static Result<Imported> import(const fs::path& path, ImportMode mode = ImportMode::in_place,
                                 const std::string& name = {}) {
    ModelStore store = ModelStore::open().value();
    ImportOptions options;
    options.name = name;
    options.mode = mode;
    return import_model(store, path, options);
  }
  static std::vector<StoredModel> models() { return ModelStore::open().value().list().value(); }
};

TEST_F(ImportTest, InPlaceIsNeverDeleted) {
  write(home_ / "My Model.gguf", some_gguf);
  const Imported imported = import(home_ / "My Model.gguf").value();
  EXPECT_EQ(imported.model.name, "My-Model");
  EXPECT_EQ(imported.model.path, home_ / "My Model.gguf");
  EXPECT_FALSE(imported.model.owned);
  EXPECT_TRUE(import(home_ / "My Model.gguf").value().already_there);
  ModelStore store = ModelStore::open().value();
  EXPECT_FALSE(remove_model(store, "My-Model").value().files_deleted);
  EXPECT_TRUE(fs::exists(home_ / "My Model.gguf"));
  EXPECT_EQ(remove_model(store, "My-Model").error().code, ErrorCode::not_found);
}

TEST_F(ImportTest, CopyAndMoveOwnTheFiles) {
  write(home_ / "one.gguf", some_gguf);
  const Imported copied = import(home_ / "one.gguf", ImportMode::copy).value();
  EXPECT_EQ(copied.model.path, models_folder() / "one.gguf");
  EXPECT_TRUE(copied.model.owned);
  EXPECT_EQ(read_file(copied.model.path, 1000).value(), some_gguf);
  EXPECT_TRUE(import(home_ / "one.gguf", ImportMode::copy).value().already_there);

  write(home_ / "two.gguf", some_gguf);
  const Imported moved = import(home_ / "two.gguf", ImportMode::move, "second").value();
  EXPECT_EQ(moved.model.path, models_folder() / "second.gguf");
  EXPECT_FALSE(fs::exists(home_ / "two.gguf"));
  ModelStore store = ModelStore::open().value();
  EXPECT_TRUE(remove_model(store, "one").value().files_deleted);
  EXPECT_FALSE(fs::exists(models_folder() / "one.gguf"));
  EXPECT_TRUE(fs::exists(home_ / "one.gguf"));
}

TEST_F(ImportTest, FoldersAndShardsAreOneEntry) {
  write(home_ / "m/big-00001-of-00002.gguf", some_gguf);
  EXPECT_THAT(import(home_ / "m").error().message, HasSubstr("is missing: the model has 2 parts"));
  write(home_ / "m/big-00002-of-00002.gguf", some_gguf);
  EXPECT_THAT(import(home_ / "m/big-00002-of-00002.gguf").error().message,
              HasSubstr("is not the first part"));
  const Imported shards = import(home_ / "m", ImportMode::copy, "big").value();
  EXPECT_EQ(shards.model.path, models_folder() / "big/big-00001-of-00002.gguf");
  EXPECT_EQ(shards.model.files.size(), 2U);

  const fs::path folder = home_ / "tiny";
  write(folder / "config.json", small_config);
  write(folder / "model.safetensors", small_safetensors());
  write(folder / "tokenizer.json", small_tokenizer);
  write(folder / "1_Pooling/config.json", R"({"pooling_mode_lasttoken": true})");
  write(folder / "other/notes.txt", "no part of it");
  const Imported moved = import(folder, ImportMode::move).value();
  EXPECT_EQ(moved.model.name, "tiny");
  EXPECT_EQ(moved.model.path, models_folder() / "tiny");
  EXPECT_EQ(moved.model.files.size(), 4U);
  EXPECT_TRUE(fs::exists(models_folder() / "tiny/1_Pooling/config.json"));
  EXPECT_EQ(missing_file(moved.model), nullptr);
  EXPECT_FALSE(fs::exists(folder / "config.json"));
  EXPECT_TRUE(fs::exists(folder / "other/notes.txt"));
}

TEST_F(ImportTest, OnnxBringsItsWeightsAndTokenizer) {
  write(home_ / "repo/onnx/model.onnx", smallest_decoder().build());
  write(home_ / "repo/onnx/model.onnx_data", "weights");
  write(home_ / "repo/tokenizer.json", small_tokenizer);
  write(home_ / "repo/README.md", "no part of it");
  const Imported copied = import(home_ / "repo", ImportMode::copy).value();
  EXPECT_EQ(copied.model.name, "repo");
  EXPECT_EQ(copied.model.path, models_folder() / "repo/onnx/model.onnx");
  EXPECT_TRUE(fs::exists(models_folder() / "repo/onnx/model.onnx_data"));
  EXPECT_TRUE(fs::exists(models_folder() / "repo/tokenizer.json"));
  EXPECT_FALSE(fs::exists(models_folder() / "repo/README.md"));
}

TEST_F(ImportTest, LinksAreResolvedAndLoopsRefused) {
  write(home_ / "real.gguf", some_gguf);
  fs::create_symlink("real.gguf", home_ / "link.gguf");
  EXPECT_THAT(import(home_ / "link.gguf", ImportMode::move).error().message,
              HasSubstr("link.gguf is a link to real.gguf"));
  EXPECT_EQ(import(home_ / "link.gguf").value().model.path, home_ / "real.gguf");
  EXPECT_TRUE(import(home_ / "real.gguf").value().already_there);
  fs::create_symlink("loop.gguf", home_ / "loop.gguf");
  EXPECT_THAT(import(home_ / "loop.gguf").error().message, HasSubstr("loop.gguf"));
  EXPECT_EQ(models().size(), 1U);
}

TEST_F(ImportTest, NamesThatCannotBeAreRefused) {
  write(home_ / "one.gguf", some_gguf);
  write(home_ / "other/one.gguf", some_gguf + "x");
  EXPECT_EQ(import(home_ / "one.gguf", ImportMode::copy, "../one").error().code,
            ErrorCode::invalid_argument);
  ASSERT_TRUE(import(home_ / "one.gguf").ok());
  EXPECT_THAT(import(home_ / "other/one.gguf", ImportMode::copy, "one").error().message,
              HasSubstr("there is already a model one"));
  EXPECT_EQ(import(home_ / "other/one.gguf").value().model.name, "one-2");
  write(home_ / "text.gguf", "hello");
  EXPECT_EQ(import(home_ / "text.gguf").error().code, ErrorCode::bad_model);
  EXPECT_EQ(import(home_ / "none.gguf").error().code, ErrorCode::not_found);
}

TEST_F(ImportTest, DamagedHeadersAndWhatNobodyOpensAreRefused) {
  write(home_ / "cut.gguf", some_gguf.substr(0, some_gguf.size() - 8));
  EXPECT_THAT(import(home_ / "cut.gguf").error().message, HasSubstr("truncated"));
  write(home_ / "tokenizer.json", small_tokenizer);
  const Error tokenizer = import(home_ / "tokenizer.json").error();
  EXPECT_EQ(tokenizer.code, ErrorCode::unsupported);
  EXPECT_THAT(tokenizer.message, HasSubstr("tokenizer.json: no engine opens the format tokenizer"));
  write(home_ / "m.mlmodelc/coremldata.bin", "x");
  EXPECT_THAT(import(home_ / "m.mlmodelc").error().message, HasSubstr("no ML program"));
  EXPECT_TRUE(models().empty());
}

TEST_F(ImportTest, ACoreMlModelComesWithTheTokenizerBesideIt) {
  fs::copy("tests/models/tiny-llama/coreml-stateful-int4", home_ / "tiny",
           fs::copy_options::recursive);
  const auto imported = import(home_ / "tiny", ImportMode::copy);
  ASSERT_TRUE(imported.ok()) << imported.error().message;
  EXPECT_EQ(imported->model.path, models_folder() / "tiny/model.mlpackage");
  EXPECT_TRUE(fs::exists(models_folder() / "tiny/model.mlpackage/Manifest.json"));
  EXPECT_TRUE(fs::exists(models_folder() / "tiny/tokenizer.json"));
  EXPECT_TRUE(fs::exists(models_folder() / "tiny/config.json"));
}

TEST_F(ImportTest, AFileThatNoModelHasIsNotOverwritten) {
  write(home_ / "one.gguf", some_gguf);
  ASSERT_TRUE(ModelStore::open().ok());
  write(models_folder() / "one.gguf", "the user's");
  EXPECT_THAT(import(home_ / "one.gguf", ImportMode::copy).error().message,
              HasSubstr("there is already"));
  EXPECT_EQ(read_file(models_folder() / "one.gguf", 100).value(), "the user's");
  EXPECT_TRUE(models().empty());
}

TEST_F(ImportTest, AKillLeavesNoHalfEntry) {
  write(home_ / "big.gguf", some_gguf);
  fs::resize_file(home_ / "big.gguf", 96 << 20);
  { std::ofstream(home_ / "big.gguf", std::ios::app) << std::string(8 << 20, 'x'); }
  int killed = 0;
  for (int delay = 0; delay < 20; ++delay) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(import(home_ / "big.gguf", ImportMode::copy).ok() ? 0 : 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(delay * 4));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    killed += WIFSIGNALED(status) ? 1 : 0;
    ModelStore store = ModelStore::open().value();
    const std::vector<StoredModel> models = store.list().value();
    for (const StoredModel& model : models) {
      EXPECT_EQ(missing_file(model), nullptr);
      ASSERT_TRUE(remove_model(store, model.name).ok());
    }
    ASSERT_TRUE(collect_garbage(store, false).ok());
    EXPECT_FALSE(fs::exists(models_folder() / ".big.import"));
    // A kill between the move into place and the entry leaves a whole file, which gc names.
    if (fs::exists(models_folder() / "big.gguf")) {
      EXPECT_EQ(fs::file_size(models_folder() / "big.gguf"), fs::file_size(home_ / "big.gguf"));
      fs::remove(models_folder() / "big.gguf");
    }
  }
  EXPECT_GT(killed, 0);
  EXPECT_TRUE(import(home_ / "big.gguf", ImportMode::copy).ok());
}

TEST_F(ImportTest, VerifyNamesWhatChanged) {
  write(home_ / "one.gguf", some_gguf);
  StoredModel model = import(home_ / "one.gguf", ImportMode::copy).value().model;
  ModelStore store = ModelStore::open().value();
  const auto state = [&] {
    const StoredModel now = store.find("one").value().value();
    return verify_files(store, now, {}).value().at(0).state;
  };
  EXPECT_EQ(state(), FileState::learned);
  EXPECT_EQ(state(), FileState::good);
  std::string other = some_gguf;
  other.back() = 'x';
  write(model.path, other);
  EXPECT_EQ(state(), FileState::changed);
  write(model.path, "GGUF");
  EXPECT_EQ(state(), FileState::resized);
  fs::remove(model.path);
  EXPECT_EQ(state(), FileState::missing);
}

TEST_F(ImportTest, GarbageIsWhatNobodyUses) {
  write(home_ / "one.gguf", some_gguf);
  write(home_ / "two.gguf", some_gguf);
  ASSERT_TRUE(import(home_ / "one.gguf", ImportMode::copy).ok());
  ASSERT_TRUE(import(home_ / "two.gguf").ok());
  fs::remove(home_ / "two.gguf");
  write(models_folder() / ".three.import/model", "half");
  write(models_folder() / ".four.pull/model", "half");
  write(models_folder() / "one.gguf.partial", "half");
  write(models_folder() / "new.gguf.partial", "half");
  write(models_folder() / "own.gguf", "the user's");
  const auto lock = lock_model("four", {}, {});
  ModelStore store = ModelStore::open().value();
  std::vector<std::string> removed;
  std::vector<std::string> kept;
  const auto dry = collect_garbage(store, true).value();
  EXPECT_TRUE(fs::exists(models_folder() / "one.gguf.partial"));
  const auto leftovers = collect_garbage(store, false).value();
  EXPECT_EQ(leftovers.size(), dry.size());
  for (const Leftover& leftover : leftovers) {
    (leftover.removed ? removed : kept).push_back(leftover.path.filename().string());
  }
  EXPECT_THAT(removed,
              ::testing::UnorderedElementsAre(".three.import", "one.gguf.partial", "two.gguf"));
  EXPECT_THAT(kept, ::testing::UnorderedElementsAre(".four.pull", "new.gguf.partial", "own.gguf"));
  EXPECT_TRUE(fs::exists(models_folder() / "own.gguf"));
  EXPECT_TRUE(fs::exists(models_folder() / "one.gguf"));
  EXPECT_FALSE(fs::exists(models_folder() / "one.gguf.partial"));
}

TEST_F(ImportTest, GarbageOfADiskThatIsNotMountedIsKept) {
  write(home_ / "disk/two.gguf", some_gguf);
  ASSERT_TRUE(import(home_ / "disk/two.gguf").ok());
  fs::rename(home_ / "disk", home_ / "away");
  ModelStore store = ModelStore::open().value();
  const auto leftovers = collect_garbage(store, false).value();
  ASSERT_EQ(leftovers.size(), 1U);
  EXPECT_FALSE(leftovers[0].removed);
  EXPECT_THAT(leftovers[0].what, ::testing::HasSubstr("tenfold rm two"));
  fs::rename(home_ / "away", home_ / "disk");
  EXPECT_TRUE(collect_garbage(store, false)->empty());
  EXPECT_TRUE(store.find("two").value());
}

TEST_F(ImportTest, UnfinishedDownloadsAreClearedUnlessSomebodyWorksOnThem) {
  write(models_folder() / "new.gguf.partial", "half");
  write(models_folder() / "new.gguf.partial.journal", "{}");
  write(models_folder() / "folder/weights.bin.partial", "half");
  write(models_folder() / "folder/config.json", "{}");
  write(models_folder() / "busy.gguf.partial", "half");
  write(models_folder() / "busy.gguf.partial.journal", "{}");
  const auto lock = FileLock::acquire(models_folder() / "busy.gguf.partial", {}, {});
  const auto cleared = clear_unfinished_downloads(false).value();
  EXPECT_EQ(cleared.size(), 5U);
  EXPECT_EQ(std::ranges::count(cleared, true, &Leftover::removed), 3);
  EXPECT_FALSE(fs::exists(models_folder() / "new.gguf.partial"));
  EXPECT_FALSE(fs::exists(models_folder() / "folder/weights.bin.partial"));
  EXPECT_TRUE(fs::exists(models_folder() / "folder/config.json"));
  EXPECT_TRUE(fs::exists(models_folder() / "busy.gguf.partial"));
  EXPECT_TRUE(fs::exists(models_folder() / "busy.gguf.partial.journal"));
}

}  // namespace
}  // namespace tenfold
