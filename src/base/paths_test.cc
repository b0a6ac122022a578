#include "base/paths.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace tenfold {
namespace {

class Environment : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"TENFOLD_HOME", "XDG_DATA_HOME", "TENFOLD_ENGINE_PATH"})
      unsetenv(name);
    setenv("HOME", "/home/somebody", 1);
  }
};

TEST_F(Environment, FoldersFollowTheXdgRules) {
  EXPECT_EQ(data_folder(), "/home/somebody/.local/share/tenfold");
  setenv("XDG_DATA_HOME", "relative", 1);
  EXPECT_EQ(data_folder(), "/home/somebody/.local/share/tenfold");
  setenv("XDG_DATA_HOME", "/srv/data", 1);
  EXPECT_EQ(data_folder(), "/srv/data/tenfold");
  setenv("TENFOLD_HOME", "/srv/tenfold", 1);
  EXPECT_EQ(data_folder(), "/srv/tenfold/data");
  EXPECT_EQ(config_folder(), "/srv/tenfold/config");
  EXPECT_EQ(cache_folder(), "/srv/tenfold/cache");
}

TEST_F(Environment, WorkersAreFoundInTheNamedFolderOnly) {
  const std::filesystem::path folder = ::testing::TempDir() + "/workers";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "tenfold-engine-example") << "#!/bin/sh\n";
  setenv("TENFOLD_ENGINE_PATH", folder.c_str(), 1);
  EXPECT_EQ(worker_program("example"), folder / "tenfold-engine-example");
  EXPECT_TRUE(worker_program("no_such_engine").empty());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tenfold
