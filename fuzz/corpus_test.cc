// Every file of the corpora through the entry that found it, which aborts where a parser is wrong.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>

#include "base/files.h"

using Entry = int (*)(const std::uint8_t*, std::size_t);

// The fuzzers' LLVMFuzzerTestOneInput, renamed by the build.
extern "C" {
int fuzz_config(const std::uint8_t* data, std::size_t size);
int fuzz_gguf(const std::uint8_t* data, std::size_t size);
int fuzz_litertlm(const std::uint8_t* data, std::size_t size);
int fuzz_mil(const std::uint8_t* data, std::size_t size);
int fuzz_mlc(const std::uint8_t* data, std::size_t size);
int fuzz_mlmodel(const std::uint8_t* data, std::size_t size);
int fuzz_onnx(const std::uint8_t* data, std::size_t size);
int fuzz_pte(const std::uint8_t* data, std::size_t size);
int fuzz_safetensors(const std::uint8_t* data, std::size_t size);
int fuzz_tflite(const std::uint8_t* data, std::size_t size);
int fuzz_tokenizer(const std::uint8_t* data, std::size_t size);
int fuzz_zip(const std::uint8_t* data, std::size_t size);
}

namespace tenfold {
namespace {

struct Corpus {
  const char* name;
  Entry entry;
};

class CorpusTest : public testing::TestWithParam<Corpus> {};

TEST_P(CorpusTest, IsReadAsItShould) {
  int files = 0;
  const std::filesystem::path folder = std::filesystem::path("fuzz/corpus") / GetParam().name;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(file.path());
    const std::string text = *read_file(file.path(), 1 << 20);
    // Of its exact size, so that a sanitizer sees what is read behind it.
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    EXPECT_EQ(GetParam().entry(bytes.data(), bytes.size()), 0);
    ++files;
  }
  EXPECT_GE(files, 10);
}

INSTANTIATE_TEST_SUITE_P(Of, CorpusTest,
                         testing::Values(Corpus{"config", fuzz_config}, Corpus{"gguf", fuzz_gguf},
                                         Corpus{"litertlm", fuzz_litertlm}, Corpus{"mil", fuzz_mil},
                                         Corpus{"mlc", fuzz_mlc}, Corpus{"mlmodel", fuzz_mlmodel},
                                         Corpus{"onnx", fuzz_onnx}, Corpus{"pte", fuzz_pte},
                                         Corpus{"safetensors", fuzz_safetensors},
                                         Corpus{"tflite", fuzz_tflite},
                                         Corpus{"tokenizer", fuzz_tokenizer},
                                         Corpus{"zip", fuzz_zip}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace tenfold
