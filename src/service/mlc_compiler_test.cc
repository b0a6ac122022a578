#include "service/mlc_compiler.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "base/processor.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

/// A python3 first in PATH that does what the test writes into python.sh.
class MlcCompilerTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    old_path_ = ::getenv("PATH");
    write(home_ / "bin/python3",
          "#!/bin/sh\nPATH='" + old_path_ + "'\n. '" + home_.string() + "/python.sh'\n");
    std::filesystem::permissions(home_ / "bin/python3", std::filesystem::perms::owner_all);
    ::setenv("PATH", ((home_ / "bin").string() + ":" + old_path_).c_str(), 1);
    write(folder() / "mlc-chat-config.json", R"({"model_type": "llama"})");
    write(folder() / "ndarray-cache.json", "{}");
  }
  void TearDown() override {
    ::setenv("PATH", old_path_.c_str(), 1);
    StoreTest::TearDown();
  }
  /// pip that makes its --target, or fails with `said`.
  void write_pip(const std::string& said = "") {
    write(home_ / "python.sh",
          said.empty() ? "[ \"$1\" = -c ] && exit 0\n"
                         "while [ \"$1\" != --target ]; do shift; done\n"
                         "mkdir -p \"$2\" && echo packages >\"$2/tvm\"\n"
                       : "[ \"$1\" = -c ] && exit 0\necho '" + said + "' >&2\nexit 1\n");
  }
  void add_compiler() {
    write_pip();
    ASSERT_TRUE(add_mlc_compiler({}).value());
  }
  [[nodiscard]] std::filesystem::path folder() const { return home_ / "model"; }
  Result<CompiledLibrary> compile() { return compile_mlc_model(store_, folder(), {}); }

  std::string old_path_;
};

TEST_F(MlcCompilerTest, IsInstalledOnceAsAWhole) {
  write_pip("no network");
  const Error error = add_mlc_compiler({}).error();
  EXPECT_EQ(error.code, ErrorCode::network);
  EXPECT_THAT(error.message, HasSubstr("no network"));
  EXPECT_FALSE(std::filesystem::exists(mlc_compiler_folder().value()));
  add_compiler();
  EXPECT_TRUE(std::filesystem::exists(mlc_compiler_folder().value() / "tvm"));
  EXPECT_FALSE(add_mlc_compiler({}).value());
}

TEST_F(MlcCompilerTest, AnotherPythonOrNoPipIsNamed) {
  write(home_ / "python.sh", "exit 1\n");
  EXPECT_THAT(add_mlc_compiler({}).error().message, HasSubstr("for Python 3.11"));
  write_pip("python3: No module named pip");
  EXPECT_THAT(add_mlc_compiler({}).error().hint, HasSubstr("python3-pip"));
  ::setenv("TENFOLD_OFFLINE", "1", 1);
  EXPECT_THAT(add_mlc_compiler({}).error().message, HasSubstr("is not downloaded"));
  ::unsetenv("TENFOLD_OFFLINE");
}

TEST_F(MlcCompilerTest, TheLibraryIsMadeForThisProcessorWhereTheEngineLooks) {
  EXPECT_THAT(compile().error().hint, HasSubstr("engines add mlc --compiler"));
  add_compiler();
  write(home_ / "python.sh",
        "echo \"$PYTHONPATH\" >'" + home_.string() +
            "/path'\n"
            "while [ \"$1\" != --out ]; do shift; done\necho library >\"$2\"\n");
  const CompiledLibrary library = compile().value();
  EXPECT_EQ(library.level, processor_levels().front());
  EXPECT_EQ(read_file(library.path, 100).value(), "library\n");
  EXPECT_THAT(library.path.string(), EndsWith("-" + library.level + ".so"));
  EXPECT_EQ(read_file(home_ / "path", 1000).value(), mlc_compiler_folder().value().string() + "\n");
}

TEST_F(MlcCompilerTest, WhatIsNotTakenIsToldInTheScriptsWords) {
  add_compiler();
  write(home_ / "python.sh",
        "echo warning >&2; echo 'quantization q3f16_1 is not supported' >&2\nexit 1\n");
  const Error error = compile().error();
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message,
              EndsWith("could not be compiled: quantization q3f16_1 is not supported"));
  EXPECT_THAT(compile_mlc_model(store_, home_ / "bin", {}).error().message,
              HasSubstr("has no mlc-chat-config.json"));
}

}  // namespace
}  // namespace tenfold
