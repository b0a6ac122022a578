#include "weight_cache.h"

#include "base/files.h"
#include "testing/model_fixture.h"

namespace tenfold::litert {
namespace {

namespace fs = std::filesystem;

class WeightCacheTest : public ModelFixture {
 protected:
  void SetUp() override { write(model_, "weights"); }

  static void write(const fs::path& path, const std::string& text) {
    ASSERT_TRUE(write_file_atomically(path, text).ok());
  }
  static fs::file_time_type days_ago(int days) {
    return fs::file_time_type::clock::now() - days * std::chrono::hours(24);
  }
  static void age(const fs::path& path, int days) { fs::last_write_time(path, days_ago(days)); }
  void write_old(const std::string& name, int days) {
    write(caches_ / name, "old");
    age(caches_ / name, days);
  }
  WeightCache cache() { return WeightCache::in(caches_, model_).value(); }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(caches_), fs::directory_iterator());
  }

  const fs::path model_ = folder_ / "model.tflite";
  const fs::path caches_ = folder_ / "caches";
};

TEST_F(WeightCacheTest, ANewFileIsThereWhenItIsKept) {
  {
    WeightCache one = cache();
    const WeightCache other = cache();
    EXPECT_NE(one.file(), other.file()) << "each writes its own";
    write(one.file(), "arranged");
    write(other.file(), "arranged");
    one.keep();
  }
  EXPECT_EQ(files(), 1) << "what is not kept is removed";
  EXPECT_EQ(read_file(cache().file(), 100).value(), "arranged");
  EXPECT_EQ(cache().file(), cache().file());
  EXPECT_EQ(files(), 1);
}

TEST_F(WeightCacheTest, IsNotThatOfAnotherStateOfTheModel) {
  WeightCache before = cache();
  write(before.file(), "arranged");
  before.keep();
  write(model_, "others!");
  EXPECT_FALSE(fs::exists(cache().file()));
}

TEST_F(WeightCacheTest, IsNotThatOfAnotherModelOfTheSameSizeNameAndTime) {
  WeightCache before = cache();
  write(before.file(), "arranged");
  before.keep();
  const fs::path other = folder_ / "other" / "model.tflite";
  fs::create_directory(other.parent_path());
  write(other, "WEIGHTS");
  fs::last_write_time(other, fs::last_write_time(model_));
  EXPECT_FALSE(fs::exists(WeightCache::in(caches_, other).value().file()));
  // The same place, too: put there with its old time.
  const auto time = fs::last_write_time(model_);
  write(model_, "WEIGHTS");
  fs::last_write_time(model_, time);
  EXPECT_FALSE(fs::exists(cache().file()));
}

TEST_F(WeightCacheTest, WhatNobodyUsedIsRemoved) {
  WeightCache used = cache();
  write(used.file(), "arranged");
  used.keep();
  const std::string key(32, 'a');
  write_old("tenfold-" + key + ".xnnpack-2.3.0", 40);
  write_old("tenfold-" + key + ".xnnpack-2.2.0", 40);
  write_old("tenfold-" + key + ".xnnpack-2.3.0.17-0.new", 2);
  write_old("gemma 3.tflite-304271-1763712000.000000042.xnnpack-2.3.0", 40);
  write_old("gemma 3.tflite-304271-1763712000.000000042.xnnpack-2.3.0.17-0.new", 2);
  age(cache().file(), 20);
  EXPECT_EQ(files(), 1);
  age(cache().file(), 29);
  EXPECT_GT(fs::last_write_time(cache().file()), days_ago(1)) << "a use makes it new";
}

/// The folder is the user's text: it may be the home folder.
TEST_F(WeightCacheTest, ForeignFilesStay) {
  fs::create_directories(caches_);
  const std::string key(32, 'a');
  const std::vector<std::string> foreign{"thesis.tex",
                                         "notes",
                                         ".profile",
                                         "draft.new",
                                         "model.tflite.17-0.new",
                                         "weights.xnnpack",
                                         "weights.xnnpack-2.3.0",
                                         "my-model-2.xnnpack-2.3.0",
                                         "tenfold-notes.txt",
                                         "tenfold-" + key,
                                         "tenfold-" + key + ".txt",
                                         "tenfold-" + key + ".xnnpack-2.3.0.bak",
                                         "a tenfold-" + key + ".xnnpack-2.3.0"};
  for (const std::string& name : foreign) write_old(name, 40);
  fs::create_directory(caches_ / ("tenfold-" + key + ".xnnpack-2.3.0"));
  age(caches_ / ("tenfold-" + key + ".xnnpack-2.3.0"), 40);
  const WeightCache kept = cache();
  for (const std::string& name : foreign) {
    EXPECT_EQ(read_file(caches_ / name, 100).value(), "old") << name;
  }
  EXPECT_EQ(files(), static_cast<std::ptrdiff_t>(foreign.size()) + 1);
}

}  // namespace
}  // namespace tenfold::litert
