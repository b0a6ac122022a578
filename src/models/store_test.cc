#include "models/store.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "models/catalogue.h"
#include "models/index.h"
#include "models/model_files.h"
#include "models/place.h"
#include "models/rebuild.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string some_gguf = small_gguf();

class ModelStoreTest : public StoreTest {
 protected:
  /// An entry for a file with this content.
  static StoredModel model_at(const std::filesystem::path& path, const std::string& name) {
    write(path, some_gguf);
    return {.name = name,
            .format = "gguf",
            .origin = ModelOrigin::imported,
            .source = path.string(),
            .licence = "MIT",
            .system = "Be brief.",
            .path = path,
            .owned = false,
            .files = {look_at_file(path).value()}};
  }
  static std::vector<std::string> names() {
    std::vector<std::string> names;
    const std::vector<StoredModel> models = ModelStore::open().value().list().value();
    for (const StoredModel& model : models) names.push_back(model.name);
    return names;
  }
};

TEST_F(ModelStoreTest, KeepsWhatItWasGiven) {
  StoredModel model = model_at(home_ / "one.gguf", "one");
  model.files[0].sha256 = std::string(64, 'a');
  ASSERT_TRUE(ModelStore::open().value().add(model).ok());
  const StoredModel found = ModelStore::open().value().find("one").value().value();
  EXPECT_EQ(found.format, "gguf");
  EXPECT_EQ(found.origin, ModelOrigin::imported);
  EXPECT_EQ(found.source, model.source);
  EXPECT_EQ(found.licence, "MIT");
  EXPECT_EQ(found.system, "Be brief.");
  EXPECT_EQ(found.path, model.path);
  EXPECT_FALSE(found.owned);
  EXPECT_GT(found.added, 1'700'000'000);
  ASSERT_EQ(found.files.size(), 1U);
  EXPECT_EQ(found.files[0].path, model.path);
  EXPECT_EQ(found.files[0].bytes, some_gguf.size());
  EXPECT_EQ(found.files[0].sha256, model.files[0].sha256);
  EXPECT_EQ(found.files[0].modified, model.files[0].modified);
  EXPECT_EQ(ModelStore::open().value().find_path(model.path).value()->name, "one");
}

TEST_F(ModelStoreTest, NamesAndPathsAreUnique) {
  ModelStore store = ModelStore::open().value();
  const StoredModel one = model_at(home_ / "one.gguf", "one");
  ASSERT_TRUE(store.add(one).ok());
  ASSERT_TRUE(store.add(one).ok()) << "the same entry again";
  const Error name = store.add(model_at(home_ / "two.gguf", "one")).error();
  EXPECT_EQ(name.code, ErrorCode::invalid_argument);
  EXPECT_THAT(name.message, HasSubstr("there is already a model one, imported from"));
  const Error path = store.add(model_at(home_ / "one.gguf", "two")).error();
  EXPECT_THAT(path.message, HasSubstr("is already here as one"));
  EXPECT_EQ(store.unused_name("one").value(), "one-2");
  EXPECT_THAT(names(), ElementsAre("one"));
}

TEST_F(ModelStoreTest, NamesCannotLeaveTheFolder) {
  for (const char* name : {"", "..", "../x", "a/b", ".hidden", "-x", "a b", "a\nb", "ü"}) {
    EXPECT_EQ(check_name(name).error().code, ErrorCode::invalid_argument) << name;
    EXPECT_FALSE(ModelStore::open().value().add(model_at(home_ / "one.gguf", name)).ok()) << name;
    EXPECT_TRUE(check_name(clean_name(name)).ok()) << name;
  }
  EXPECT_EQ(clean_name("../../etc/passwd"), "etc-passwd");
  EXPECT_EQ(clean_name("llama3.2:3b"), "llama3.2-3b");
  EXPECT_EQ(clean_name(std::string(500, 'x')).size(), 120U);
  EXPECT_TRUE(place_of(models_folder() / ".." / "x").empty());
  EXPECT_TRUE(place_of(models_folder()).empty());
  EXPECT_EQ(place_of(models_folder() / "a" / "b.gguf"), models_folder() / "a");
}

TEST_F(ModelStoreTest, TheDataFolderCanBeMoved) {
  ASSERT_TRUE(ModelStore::open().value().add(model_at(place_for_file("one", "gguf"), "one")).ok());
  std::filesystem::rename(home_ / "data", home_ / "moved");
  std::filesystem::create_directories(home_ / "other");
  std::filesystem::rename(home_ / "moved", home_ / "other/data");
  ::setenv("TENFOLD_HOME", (home_ / "other").c_str(), 1);
  EXPECT_EQ(find_model(store_, "one").value(), home_ / "other/data/models/one.gguf");
}

TEST_F(ModelStoreTest, RemovingDropsTheEntryOnly) {
  ModelStore store = ModelStore::open().value();
  ASSERT_TRUE(store.add(model_at(home_ / "one.gguf", "one")).ok());
  ASSERT_TRUE(store.set_hash("one", home_ / "one.gguf", "ab").ok());
  EXPECT_EQ(store.find("one").value()->files[0].sha256, "ab");
  ASSERT_TRUE(store.remove("one").ok());
  EXPECT_TRUE(std::filesystem::exists(home_ / "one.gguf"));
  EXPECT_EQ(store.remove("one").error().code, ErrorCode::not_found);
  EXPECT_TRUE(store.list().value().empty());
}

TEST_F(ModelStoreTest, TwoProcessesAddAndRemoveAtOnce) {
  constexpr int each = 20;
  std::vector<pid_t> children;
  for (const char* prefix : {"a", "b"}) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool ok = true;
      for (int i = 0; i < each; ++i) {
        // As separate commands do: a handle of its own each time.
        auto store = ModelStore::open();
        const std::string name = prefix + std::to_string(i);
        ok = ok && store.ok() && store.value().add(model_at(home_ / (name + ".gguf"), name)).ok() &&
             (i % 2 == 0 || store.value().remove(name).ok());
      }
      ::_exit(ok ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(names().size(), each);
  EXPECT_FALSE(Database::is_damaged(index_path()));
}

TEST_F(ModelStoreTest, ADamagedIndexIsSetAsideAndMadeAnew) {
  ASSERT_TRUE(ModelStore::open().value().add(model_at(place_for_file("one", "gguf"), "one")).ok());
  write(models_folder() / "three" / "weights.gguf", some_gguf);
  write(models_folder() / "no-model.gguf", "hello");
  write(index_path(), std::string(5000, 'x'));
  ::testing::internal::CaptureStderr();
  EXPECT_THAT(names(), ElementsAre("one", "three"));
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr("the index of models was damaged; it is now " + index_path().string()));
  const StoredModel three = ModelStore::open().value().find("three").value().value();
  EXPECT_EQ(three.path, models_folder() / "three/weights.gguf");
  EXPECT_TRUE(three.owned);
  EXPECT_TRUE(was_found_again(three));
  EXPECT_FALSE(was_found_again(model_at(home_ / "two.gguf", "two")));
  int set_aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(models_folder())) {
    if (entry.path().filename().string().starts_with("index.db.damaged-")) ++set_aside;
  }
  EXPECT_EQ(set_aside, 1);
}

TEST_F(ModelStoreTest, ManyProcessesMakeTheIndexOnce) {
  write(place_for_file("one", "gguf"), some_gguf);
  write(index_path(), "not a database, as it is too short");
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(names() == std::vector<std::string>{"one"} ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

TEST_F(ModelStoreTest, AnIndexOfANewerTenfoldIsLeftAlone) {
  ASSERT_TRUE(ModelStore::open().ok());
  ASSERT_TRUE(Database::open(index_path()).value().execute("PRAGMA user_version = 99").ok());
  const Error error = ModelStore::open().error();
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("newer Tenfold"));
}

TEST_F(ModelStoreTest, AReadOnlyStoreCanBeRead) {
  const StoredModel model = model_at(place_for_file("one", "gguf"), "one");
  ASSERT_TRUE(ModelStore::open().value().add(model).ok());
  std::filesystem::permissions(home_, std::filesystem::perms{0755});
  std::filesystem::permissions(models_folder(), std::filesystem::perms{0555});
  const pid_t child = ::fork();
  if (child == 0) {
    // Modes do not bind root.
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    auto store = ModelStore::open();
    const bool reads = store.ok() && store.value().find("one").value().has_value();
    ::_exit(reads && !store.value().remove("one").ok() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  std::filesystem::permissions(models_folder(), std::filesystem::perms{0755});
}

TEST_F(ModelStoreTest, ResolvesNamesAndPathsAndExplainsWhatIsMissing) {
  write(home_ / "model.gguf", "abc");
  EXPECT_EQ(find_model(store_, (home_ / "model.gguf").string()).value(), home_ / "model.gguf");
  const Error absent = find_model(store_, "smollm2-135m-instruct").error();
  EXPECT_EQ(absent.code, ErrorCode::not_found);
  EXPECT_EQ(absent.hint, "run: tenfold pull smollm2-135m-instruct");
  EXPECT_EQ(find_model(store_, "./nothing.gguf").error().message,
            "there is no file ./nothing.gguf");
  EXPECT_THAT(find_model(store_, "nothing").error().hint, StartsWith("run: tenfold list"));
  EXPECT_FALSE(std::filesystem::exists(models_folder())) << "asking makes no store";

  ASSERT_TRUE(ModelStore::open().value().add(model_at(home_ / "one.gguf", "one")).ok());
  EXPECT_EQ(find_model(store_, "one").value(), home_ / "one.gguf");
  write(home_ / "one.gguf", "short");
  const Error gone = find_model(store_, "one").error();
  EXPECT_EQ(gone.code, ErrorCode::not_found);
  EXPECT_THAT(gone.message, HasSubstr("one.gguf of the model one is gone, or has another size"));
}

/// Bytes that are no database from the second page on, as a disk that fails leaves it.
void damage(const fs::path& index) {
  std::fstream file(index, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096);
  file << std::string(static_cast<std::size_t>(fs::file_size(index)) - 4096, 'x');
}

TEST_F(ModelStoreTest, DamageThatComesWhileItIsOpenIsRepaired) {
  write(models_folder() / "one.gguf", small_gguf());
  ASSERT_TRUE(ModelStore::open().value().add(model_at(models_folder() / "one.gguf", "one")).ok());
  ModelStore open = ModelStore::open().value();  // has not read the tables
  damage(models_folder() / "index.db");
  const auto found = open.find("one");
  ASSERT_TRUE(found.ok()) << found.error().message;
  ASSERT_TRUE(found.value().has_value()) << "found again by its file";
}

TEST_F(ModelStoreTest, SeesTheIndexThatAnotherProcessPutInPlace) {
  ASSERT_TRUE(store_.add(model_at(home_ / "one.gguf", "one")).ok());
  for (const char* suffix : {"", "-wal", "-shm"}) {
    fs::remove(models_folder() / (std::string("index.db") + suffix));
  }
  ModelStore other;
  ASSERT_TRUE(other.add(model_at(home_ / "two.gguf", "two")).ok());
  EXPECT_TRUE(store_.find("two").value().has_value());
  EXPECT_FALSE(store_.find("one").value().has_value());
}

TEST_F(ModelStoreTest, OneStoreServesManyThreads) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      for (int k = 0; k < 10; ++k) {
        const std::string name = "m" + std::to_string(i) + "-" + std::to_string(k);
        EXPECT_TRUE(store_.add(model_at(home_ / (name + ".gguf"), name)).ok());
        EXPECT_EQ(store_.find(name).value()->name, name);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(store_.list().value().size(), 40U);
}

TEST_F(ModelStoreTest, AskingMakesNoStore) {
  EXPECT_FALSE(store_.find("one").value().has_value());
  EXPECT_FALSE(fs::exists(models_folder()));
}

}  // namespace
}  // namespace tenfold
