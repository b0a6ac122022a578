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

TEST_F(WeightCacheTest, WhatNobodyUsedIsRemoved) {
  WeightCache used = cache();
  write(used.file(), "arranged");
  used.keep();
  const auto day = std::chrono::hours(24);
  const auto age = [&](const fs::path& path, int days) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - days * day);
  };
  write(caches_ / "old.xnnpack", "arranged");
  write(caches_ / "killed.new", "half");
  age(caches_ / "old.xnnpack", 40);
  age(caches_ / "killed.new", 2);
  age(cache().file(), 20);
  EXPECT_EQ(files(), 1);
  age(cache().file(), 29);
  EXPECT_GT(fs::last_write_time(cache().file()), fs::file_time_type::clock::now() - day)
      << "a use makes it new";
}

}  // namespace
}  // namespace tenfold::litert
