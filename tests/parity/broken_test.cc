// The suite sees damage: copies of good fixtures with one fault each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "formats/gguf.h"
#include "service/service.h"
#include "suite.h"

namespace tenfold::parity {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class Broken : public ::testing::Test {
 protected:
  void SetUp() override {
    const EngineEntry* entry = find_engine("llama_cpp");
    if (!is_installed(*entry)) GTEST_SKIP() << "llama_cpp is absent";
    auto engine = start_engine(*entry);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    engine_ = std::move(engine).value();
    folder_ =
        std::filesystem::temp_directory_path() / ("tenfold-parity-" + std::to_string(::getpid()));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// What the suite says to a copy of the fixture with `change` done to its bytes.
  template <typename Change>
  std::vector<std::string> faults_of(const std::string& name, Change change) {
    Fixture fixture = fixture_named(name);
    std::string bytes = read_file(fixture.path, 64 << 20).value();
    change(bytes);
    fixture.path = folder_ / "broken.gguf";
    EXPECT_TRUE(write_file_atomically(fixture.path, bytes).ok());
    const auto report = check_fixture(*engine_, fixture, read_reference(fixture.model));
    EXPECT_TRUE(report.ok()) << report.error().message;
    return report.ok() ? report->faults : std::vector<std::string>();
  }

  static std::size_t offset_of(std::string_view bytes, std::string_view tensor) {
    const auto file = read_gguf(*make_memory_source(bytes), "the fixture").value();
    return std::ranges::find(file.tensors, tensor, &GgufTensor::name)->offset;
  }

  std::unique_ptr<Engine> engine_;
  std::filesystem::path folder_;
};

TEST_F(Broken, NotAtAll) {
  EXPECT_THAT(faults_of("tiny-llama/tiny-llama-f32.gguf", [](std::string&) {}),
              ::testing::IsEmpty());
}

TEST_F(Broken, AWeightBlockWithFlippedBits) {
  constexpr std::size_t block_bytes = 18;  // q4_0: a scale in f16 and 32 weights of 4 bits
  const auto faults = faults_of("tiny-llama/tiny-llama-q4_0.gguf", [](std::string& bytes) {
    const std::size_t at = offset_of(bytes, "blk.1.ffn_down.weight");
    for (std::size_t i = 0; i < block_bytes; ++i) bytes[at + i] = static_cast<char>(~bytes[at + i]);
  });
  EXPECT_THAT(faults, Contains(HasSubstr("known")));
  EXPECT_THAT(faults, Contains(HasSubstr("KL divergence")));
}

TEST_F(Broken, AWeightBlockWithFlippedSigns) {
  const auto faults = faults_of("tiny-llama/tiny-llama-f32.gguf", [](std::string& bytes) {
    const std::size_t at = offset_of(bytes, "blk.1.ffn_down.weight");
    for (std::size_t i = 0; i < 32; ++i) bytes[at + i * 4 + 3] ^= '\x80';
  });
  EXPECT_THAT(faults, Contains(HasSubstr("a score is")));
}

TEST_F(Broken, AWrongChatTemplate) {
  const auto faults = faults_of("tiny-llama/tiny-llama-f32.gguf", [](std::string& bytes) {
    const std::size_t at = bytes.find("<|assistant|>", bytes.find("tokenizer.chat_template"));
    bytes.replace(at, 13, "<|Assistant|>");
  });
  EXPECT_THAT(faults,
              Contains(HasSubstr("49 of 49 rendered prompts differ, first known 0 at byte")));
}

}  // namespace
}  // namespace tenfold::parity
