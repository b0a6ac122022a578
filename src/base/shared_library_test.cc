#include "base/shared_library.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace tenfold {
namespace {

namespace fs = std::filesystem;

TEST(SharedLibrary, FallsBackToTheSystems) {
  const auto library = SharedLibrary::open("no-such-folder", "libc.so.6", "");
  ASSERT_TRUE(library.ok()) << library.error().message;
  const auto length = library->function<std::size_t(const char*)>("strlen");
  ASSERT_TRUE(length.ok());
  EXPECT_EQ((*length)("four"), 4U);
  const auto missing = library->function<void()>("no_such_function");
  EXPECT_EQ(missing.error().code, ErrorCode::unavailable);
  EXPECT_NE(missing.error().message.find("libc.so.6 has no function no_such_function"),
            std::string::npos);
}

TEST(SharedLibrary, TheOneBesideTheProgramComesFirst) {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path() / "shared-library-test";
  fs::create_directory(folder);
  std::ofstream(folder / "libc.so.6") << "not a library";
  const auto library = SharedLibrary::open("shared-library-test", "libc.so.6", "build it");
  fs::remove_all(folder);
  ASSERT_FALSE(library.ok()) << "the system's was opened";
  EXPECT_EQ(library.error().code, ErrorCode::unavailable);
  EXPECT_NE(library.error().message.find((folder / "libc.so.6").string()), std::string::npos);
  EXPECT_EQ(library.error().hint, "build it");
}

}  // namespace
}  // namespace tenfold
