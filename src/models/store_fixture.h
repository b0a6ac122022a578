// A temporary TENFOLD_HOME for tests of the store.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace tenfold {

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "tenfold-store-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    home_ = name;
    ::setenv("TENFOLD_HOME", name.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TENFOLD_HOME");
    std::filesystem::remove_all(home_);
  }
  static void write(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }

  std::filesystem::path home_;
};

}  // namespace tenfold
