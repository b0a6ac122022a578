// Wrong files are named for what they are.
#include "formats/detect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;
using namespace std::string_literals;

TEST(Detect, DescribesContent) {
  EXPECT_EQ(describe_content("GGUF\3\0\0\0"s), "GGUF");
  EXPECT_EQ(describe_content("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"),
            "a Git LFS pointer");
  EXPECT_EQ(describe_content("\n <!DOCTYPE html><title>404</title>"), "an HTML page");
  EXPECT_EQ(describe_content("<HTML>"), "an HTML page");
  EXPECT_EQ(describe_content("PK\x03\x04rest"), "a ZIP archive");
  EXPECT_EQ(describe_content("\x10\0\0\0\0\0\0\0{\"a\":1}"s), "a safetensors file");
  EXPECT_EQ(describe_content("\x1c\0\0\0TFL3"s), "a TensorFlow Lite model");
  EXPECT_EQ(describe_content("tjgg\1\0\0\0"s), "a GGML file, the predecessor of GGUF");
  EXPECT_EQ(describe_content(std::string(257, '\0') + "ustar"), "a tar archive");
  EXPECT_EQ(describe_content("{\"model_type\": \"llama\"}"), "a JSON file");
  EXPECT_EQ(describe_content("caf\xc3"), "a text file") << "cut inside a character";
  EXPECT_EQ(describe_content("caf\xc3\xc3\xc3\xc3\xc3\xc3"), "binary data of an unknown kind");
  EXPECT_EQ(describe_content("\1\2\3"), "binary data of an unknown kind");
}

TEST(Detect, SaysWhatToDo) {
  const auto refused = [](const std::string& bytes) {
    return require_format(*make_memory_source(bytes), "m.gguf", "gguf").error();
  };
  EXPECT_THAT(refused("").message, HasSubstr("m.gguf is empty"));
  EXPECT_THAT(refused("hello").message,
              HasSubstr("m.gguf is not a GGUF file; it looks like a text file"));
  EXPECT_THAT(refused("version https://git-lfs.github.com/spec/v1\n").hint,
              HasSubstr("git lfs pull"));
  EXPECT_THAT(refused("<html>").hint, HasSubstr("download"));
  EXPECT_THAT(refused("\x1f\x8b\x08").hint, HasSubstr("unpack"));
  EXPECT_EQ(refused("hello").code, ErrorCode::bad_model);
  EXPECT_THAT(refused("\x1c\0\0\0TFL3"s).message, HasSubstr("a TensorFlow Lite model"));
}

TEST(Detect, KnowsTheFormatsOfEngines) {
  const auto format = [](const std::string& bytes) {
    return *detect_format(*make_memory_source(bytes), "m");
  };
  EXPECT_EQ(format("GGUF"), "gguf");
  EXPECT_EQ(format("\x1c\0\0\0TFL3"s), "tflite");
  EXPECT_EQ(format("\x1c\0\0\0ET12"s), "pte");
  EXPECT_EQ(format("LITERTLM\1\0\0\0"s), "litertlm");
  EXPECT_EQ(format("\x08\x08\x12\x07pytorch"), "onnx");
  EXPECT_EQ(*detect_format(*make_memory_source("\1\2\3"), "m.pllm"), "pllm");
  EXPECT_FALSE(detect_format(*make_memory_source("<html>"), "m.pllm").ok());
  EXPECT_THAT(detect_format(*make_memory_source("text"s), "m").error().message,
              HasSubstr("m is not a model file; it looks like a text file"));
}

TEST(FileSource, RefusesWhatIsNoRegularFile) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("tenfold-detect-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  EXPECT_THAT(open_file_source(folder).error().message, HasSubstr("is a folder"));
  EXPECT_EQ(open_file_source(folder / "missing").error().code, ErrorCode::not_found);

  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(open_file_source(pipe).error().message, HasSubstr("is not a regular file"));

  const auto locked = folder / "locked";
  ASSERT_TRUE(write_file_atomically(locked, "GGUF").ok());
  if (::geteuid() != 0) {
    ::chmod(locked.c_str(), 0);
    EXPECT_EQ(open_file_source(locked).error().code, ErrorCode::permission_denied);
  }
  std::filesystem::remove_all(folder);
}

TEST(FileSource, NoticesAFileThatShrinks) {
  const auto path =
      std::filesystem::temp_directory_path() / ("tenfold-shrink-" + std::to_string(::getpid()));
  ASSERT_TRUE(write_file_atomically(path, "0123456789").ok());
  const auto source = open_file_source(path);
  ASSERT_TRUE(source.ok());
  std::filesystem::resize_file(path, 4);
  std::string bytes(10, '\0');
  const auto read = (*source)->read_at(0, bytes);
  EXPECT_THAT(read.error().message, HasSubstr("became shorter"));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace tenfold
