#include "models/shared_store.h"

#include <gtest/gtest.h>

#include <fstream>

#include "models/place.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

class SharedStoreTest : public StoreTest {
 protected:
  static StoredModel model(const std::string& name) {
    StoredModel made;
    made.name = name;
    made.format = "gguf";
    made.path = models_folder() / (name + ".gguf");
    return made;
  }

  bool has(const std::string& name) {
    const auto found = store_.with([&](ModelStore& store) { return store.find(name); });
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() && found->has_value();
  }

  SharedStore store_;
};

TEST_F(SharedStoreTest, SeesWhatOtherProcessesAddAndRemove) {
  EXPECT_FALSE(has("a"));
  ModelStore other = ModelStore::open().value();
  ASSERT_TRUE(other.add(model("a")).ok());
  EXPECT_TRUE(has("a"));
  ASSERT_TRUE(other.remove("a").ok());
  EXPECT_FALSE(has("a"));
}

TEST_F(SharedStoreTest, AnIndexThatAnotherProcessMadeAnewIsOpened) {
  EXPECT_FALSE(has("a"));
  const auto index = models_folder() / "index.db";
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::rename(index.string() + suffix, index.string() + ".aside" + suffix, ignored);
  }
  ModelStore other = ModelStore::open().value();
  ASSERT_TRUE(other.add(model("a")).ok());
  EXPECT_TRUE(has("a"));
  ASSERT_TRUE(other.add(model("b")).ok());
  EXPECT_TRUE(has("b"));
}

TEST_F(SharedStoreTest, AnErrorOfTheDatabaseCallsForAnotherCheck) {
  EXPECT_FALSE(has("a"));
  const auto failed = store_.with([](ModelStore&) -> Result<void> {
    return fail(ErrorCode::io, "database disk image is malformed");
  });
  EXPECT_FALSE(failed.ok());
  std::ofstream(models_folder() / "index.db", std::ios::binary) << std::string(8192, 'x');
  EXPECT_FALSE(has("a"));
  ASSERT_TRUE(store_.with([](ModelStore& store) { return store.add(model("a")); }).ok());
  EXPECT_TRUE(has("a"));
}

}  // namespace
}  // namespace tenfold
