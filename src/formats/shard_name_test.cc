#include "formats/shard_name.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(ShardName, IsReadAndWritten) {
  const auto shard = read_shard_name("a/b-00002-of-00013.gguf");
  ASSERT_TRUE(shard);
  EXPECT_EQ(shard->stem, "a/b");
  EXPECT_EQ(shard->number, 2);
  EXPECT_EQ(shard->count, 13);
  EXPECT_EQ(shard->extension, ".gguf");
  EXPECT_EQ(shard->part(1), "a/b-00001-of-00013.gguf");
  EXPECT_EQ(read_shard_name("model-00001-of-00002")->extension, "");
  EXPECT_EQ(read_shard_name("best-of-1.5-00001-of-00002.safetensors")->stem, "best-of-1.5");
  EXPECT_TRUE(is_later_shard("b-00002-of-00013.gguf"));
  EXPECT_FALSE(is_later_shard("b-00001-of-00013.gguf"));
}

TEST(ShardName, OtherNamesAreNone) {
  for (const char* name :
       {"", "/", "model.gguf", "the-best-of-2024.gguf", "the-best-of-times.gguf",
        "b-00000-of-00003.gguf", "b-00004-of-00003.gguf", "b-00001-of-0003.gguf",
        "b-0001-of-00003.gguf", "b-00001-of-00003x.gguf", "b-00001-of-00003-q4.gguf",
        "b--0001-of-00003.gguf", "-00001-of-00003.gguf", "a/-00001-of-00003.gguf",
        "b_00001-of-00003.gguf", "b-00001-of-00003/model.gguf"}) {
    EXPECT_FALSE(read_shard_name(name)) << name;
    EXPECT_FALSE(is_later_shard(name)) << name;
  }
}

}  // namespace
}  // namespace tenfold
