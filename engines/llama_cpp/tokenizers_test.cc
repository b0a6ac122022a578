// What the description of a file says of tokenizers, against the library that would load it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <llama.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/files.h"
#include "formats/gguf_builder.h"
#include "formats/gguf_tokenizers.h"
#include "log_capture.h"

namespace tenfold::llama_cpp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TokenizersTest : public testing::Test {
 protected:
  ~TokenizersTest() override { std::filesystem::remove(path_); }

  static GgufBuilder model(const std::string& tokenizer, const std::string& pre) {
    GgufBuilder builder;
    builder.text("general.architecture", "llama")
        .text("tokenizer.ggml.model", tokenizer)
        .text("tokenizer.ggml.pre", pre)
        .texts("tokenizer.ggml.tokens", {"a", "b", "ab", "\n"})
        .array("tokenizer.ggml.scores", GgufType::float32, std::vector<float>(4))
        .array("tokenizer.ggml.token_type", GgufType::int32, std::vector<std::int32_t>(4, 1));
    return builder;
  }

  /// Why the library does not take the vocabulary; empty if it does.
  std::string refused(const GgufBuilder& builder) {
    EXPECT_TRUE(write_file_atomically(path_, builder.build()).ok());
    auto params = llama_model_default_params();
    params.vocab_only = true;
    start_library();
    clear_log();
    const std::unique_ptr<llama_model, decltype(&llama_model_free)> loaded(
        llama_model_load_from_file(path_.c_str(), params), llama_model_free);
    return loaded == nullptr ? last_log_lines() : "";
  }

  /// Why the description of that file refuses it; empty if it does not.
  std::string refused_by_us() {
    const auto source = open_file_source(path_);
    const auto checked = check_gguf_tokenizer(*read_gguf(**source, path_), path_);
    return checked.ok() ? "" : checked.error().message;
  }

  std::string path_ = std::filesystem::temp_directory_path() /
                      ("tenfold-tokenizers-" + std::to_string(::getpid()) + ".gguf");
};

TEST_F(TokenizersTest, AreThoseOfTheLibrary) {
  for (const std::string_view name : gguf_tokenizers()) {
    EXPECT_THAT(refused(model(std::string(name), "default")), Not(HasSubstr("unknown tokenizer")));
  }
  for (const std::string_view name : gguf_pre_tokenizers()) {
    auto builder = model("gpt2", std::string(name));
    builder.texts("tokenizer.ggml.merges", {"a b"});
    EXPECT_THAT(refused(builder), Not(HasSubstr("unknown pre-tokenizer")));
    EXPECT_EQ(refused_by_us(), "");
  }
}

TEST_F(TokenizersTest, OthersAreRefusedByBoth) {
  EXPECT_THAT(refused(model("weird", "default")), HasSubstr("unknown tokenizer"));
  EXPECT_THAT(refused_by_us(), HasSubstr("the tokenizer \"weird\", which llama.cpp does not know"));
  auto odd = model("gpt2", "weird");
  odd.texts("tokenizer.ggml.merges", {"a b"});
  EXPECT_THAT(refused(odd), HasSubstr("unknown pre-tokenizer"));
  EXPECT_THAT(refused_by_us(), HasSubstr("the pre-tokenizer \"weird\", which llama.cpp does not"));
  EXPECT_THAT(refused(model("gpt2", "default")), HasSubstr("cannot find tokenizer merges"));
  EXPECT_THAT(refused_by_us(), HasSubstr("has no tokenizer.ggml.merges"));
  EXPECT_EQ(refused(model("none", "default")), "") << "it loads what cannot be spoken to";
  EXPECT_THAT(refused_by_us(), HasSubstr("has no tokenizer"));
}

/// Names that a newer library knows cannot be asked for.
TEST(TokenizersListTest, IsOfTheVersionInUse) {
  EXPECT_THAT(*read_file("deps/engines.lock", 1 << 20), HasSubstr("llama-cpp-sys-2 0.1.161 "))
      << "look in its src/llama-vocab.cpp what came, and mend gguf_tokenizers.cc";
}

}  // namespace
}  // namespace tenfold::llama_cpp
