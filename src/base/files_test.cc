#include "base/files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

namespace tenfold {
namespace {

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "/files-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(Files, WhatIsWrittenIsRead) {
  const auto path = folder_ / "deep" / "file";
  const std::string content("a\0b\n\xF0\x9F\x98\x80", 8);
  ASSERT_TRUE(write_file_atomically(path, content).ok());
  EXPECT_EQ(*read_file(path, 8), content);
  ASSERT_TRUE(write_file_atomically(path, "new").ok());
  EXPECT_EQ(*read_file(path, 8), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(path.parent_path()), {}), 1);
}

TEST_F(Files, RefusalsNameThePath) {
  const auto missing = read_file(folder_ / "missing", 10);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().message.find("missing"), std::string::npos);

  EXPECT_EQ(read_file(folder_, 10).error().code, ErrorCode::invalid_argument);
  std::ofstream(folder_ / "long") << "0123456789A";
  EXPECT_EQ(read_file(folder_ / "long", 10).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(write_file_atomically("/proc/no/such", "x").ok(), false);
  EXPECT_EQ(file_error("x", "write", ENOSPC).code, ErrorCode::disk_full);
  EXPECT_EQ(file_error("x", "open", EACCES).code, ErrorCode::permission_denied);
  EXPECT_EQ(file_error("x", "open", EIO).code, ErrorCode::io);
}

TEST(Utf8, FollowsTheRfc) {
  for (const char* good : {"", "plain", "\xC3\xA9", "\xE4\xB8\xAD", "\xF0\x9F\x98\x80",
                           "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
    EXPECT_TRUE(is_valid_utf8(good)) << good;
  }
  for (const char* bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\x80",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE4\xB8", "a\xC3", "\xE4\x28\xAD"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

}  // namespace
}  // namespace tenfold
