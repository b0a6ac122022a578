// Folders and libraries that are not as they should be: what is said, and how soon.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>

#include "base/files.h"
#include "formats/runnable.h"
#include "generation/testing/model_calls.h"
#include "mlc_model.h"

namespace tenfold::mlc {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path whole_model = "tests/models/tiny-llama/mlc-q4f32_1";
constexpr const char* config_name = "mlc-chat-config.json";
constexpr const char* list_name = "tensor-cache.json";
constexpr const char* shard_name = "params_shard_0.bin";
constexpr const char* library_name = "tiny-llama-q4f32_1-cpu.so";

#if defined(TENFOLD_SANITIZED)
constexpr double most_seconds = 1;
#else
constexpr double most_seconds = 0.1;
#endif

std::string content(const char* name) { return *read_file(whole_model / name, 8 << 20); }

/// With the same number of bytes, as in a library everything has its place.
std::string with(std::string text, const std::string& old, const std::string& other) {
  EXPECT_EQ(old.size(), other.size());
  std::size_t count = 0;
  for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + 1), ++count) {
    text.replace(at, old.size(), other);
  }
  EXPECT_GT(count, 0U) << old;
  return text;
}

/// Of the processor, which others keep busy, too.
double seconds_used() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// A copy of the folder, of which each test changes something.
class Broken : public testing::Test {
 protected:
  Broken() {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    for (const auto& file : fs::directory_iterator(whole_model)) {
      fs::create_symlink(fs::absolute(file.path()), folder_ / file.path().filename());
    }
    ::setenv("TENFOLD_HOME", (folder_ / "home").c_str(), 1);
  }
  ~Broken() override {
    ::unsetenv("TENFOLD_HOME");
    fs::remove_all(folder_);
  }

  void write(const char* name, const std::string& text) {
    fs::remove(folder_ / name);
    EXPECT_TRUE(write_file_atomically(folder_ / name, text).ok());
  }

  Result<std::unique_ptr<TokenModel>> open() {
    const auto model = resolve_file(folder_);
    if (!model.ok()) return model.error();
    LoadOptions options;
    options.context_size = 64;
    return MlcModel::open(*model, options, {});
  }

  Error refused() {
    const double start = seconds_used();
    const auto model = open();
    EXPECT_LT(seconds_used() - start, most_seconds);
    EXPECT_FALSE(model.ok());
    if (model.ok()) return {};
    EXPECT_FALSE(model.error().hint.empty());
    return model.error();
  }

  /// A name of its own for each test: the system takes a library for one that it knows by its path.
  const fs::path folder_ =
      fs::temp_directory_path() /
      fmt::format("tenfold-mlc-{}-{}", ::getpid(),
                  testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Broken, NothingIsWrongWithTheFolderItself) {
  const auto model = open();
  EXPECT_TRUE(model.ok()) << model.error().message;
}

TEST_F(Broken, AMissingLibraryIsAskedFor) {
  fs::remove(folder_ / library_name);
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::not_found);
  EXPECT_THAT(error.message, HasSubstr("no compiled library for " + folder_.string()));
  EXPECT_THAT(error.hint,
              AllOf(HasSubstr("engines add mlc --compiler"), HasSubstr("tenfold compile")));
}

TEST_F(Broken, ALibraryForANewerProcessorIsKnownBeforeItRuns) {
  write(library_name, with(content(library_name), "x86-64-v2", "x86-64-v9"));
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("was compiled for processors of x86-64-v9"));
  EXPECT_THAT(error.hint, HasSubstr("tenfold compile"));
}

TEST_F(Broken, AMissingFunctionIsNamed) {
  write(library_name,
        with(content(library_name), "create_tir_paged_kv_cache", "create_tir_paged_kv_cachX"));
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::bad_model);
  EXPECT_THAT(error.message, HasSubstr("has no function create_tir_paged_kv_cache"));
}

TEST_F(Broken, MetadataThatSaysNothingIsNamed) {
  write(library_name, with(content(library_name), "prefill_chunk_size", "prefill_chunk_sizX"));
  EXPECT_THAT(refused().message, HasSubstr("prefill_chunk_size is not a number"));
}

TEST_F(Broken, ALibraryForAModelInPartsIsRefused) {
  write(library_name, with(content(library_name), "\"tensor_parallel_shards\": 1",
                           "\"tensor_parallel_shards\": 2"));
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("in parts on several devices"));
}

TEST_F(Broken, ALibraryWithOneWindowForAllLayersIsRefused) {
  write(library_name,
        with(content(library_name), "\"sliding_window_size\": -1", "\"sliding_window_size\": 64"));
  EXPECT_THAT(refused().message, HasSubstr("one window for all layers"));
}

TEST_F(Broken, ALibraryWithoutACacheIsRefused) {
  write(library_name, with(content(library_name), "\"kv_cache\", ", "\"rnn_stat\", "));
  EXPECT_THAT(refused().message, HasSubstr("with the state rnn_stat"));
}

TEST_F(Broken, ATensorThatIsMissingOrUnknownIsNamed) {
  write(list_name, with(content(list_name), "model.norm.weight", "model.norm.weighX"));
  const Error error = refused();
  EXPECT_EQ(error.code, ErrorCode::bad_model);
  EXPECT_THAT(error.message, HasSubstr("the library wants a tensor model.norm.weight, which " +
                                       (folder_ / list_name).string() + " has not"));
}

TEST_F(Broken, ATensorOfAnotherFormIsNamed) {
  auto list = nlohmann::json::parse(content(list_name));
  auto& tensor = list["records"][0]["records"][0];
  const std::string name = tensor["name"];
  tensor["shape"] = {tensor["shape"][0].get<int>() * 2, tensor["shape"][1].get<int>() / 2};
  write(list_name, list.dump());
  EXPECT_THAT(refused().message, AllOf(HasSubstr(name + " is uint32 [1024, 8] in "),
                                       HasSubstr("but the library wants uint32 [512, 16]")));
}

TEST_F(Broken, AShardThatIsCutIsNamed) {
  const auto resolved = resolve_file(folder_);
  ASSERT_TRUE(resolved.ok());
  write(shard_name, content(shard_name).substr(0, 1000));
  EXPECT_THAT(refused().message, HasSubstr("is truncated: it has 1000 of"));
  // As if it had been cut after it was looked at.
  const auto model = MlcModel::open(*resolved, {}, {});
  ASSERT_FALSE(model.ok());
  EXPECT_THAT(model.error().message, HasSubstr("is truncated: it has 1000 of"));
}

TEST_F(Broken, AnotherVocabularyThanTheLibrarysIsRefused) {
  write(config_name, with(content(config_name), "\"vocab_size\": 512", "\"vocab_size\": 640"));
  EXPECT_THAT(refused().message,
              HasSubstr("a vocabulary of 640 tokens, but its library one of 512"));
}

TEST_F(Broken, TheListMayHaveItsFormerName) {
  fs::rename(folder_ / list_name, folder_ / "ndarray-cache.json");
  const auto model = open();
  EXPECT_TRUE(model.ok()) << model.error().message;
}

/// As in src/formats/mutation_test.cc, but with all that a load does.
TEST_F(Broken, AnyChangedFileGetsAnAnswerAtOnce) {
  // Other files with --gtest_shuffle.
  std::mt19937 random(static_cast<unsigned>(testing::UnitTest::GetInstance()->random_seed()));
  const std::vector<TokenId> tokens{1, 2, 3};
  int refusals = 0;
  for (int round = 0; round < 30; ++round) {
    const char* name = std::array{config_name, list_name, shard_name}[round % 3];
    std::string text = content(name);
    if (round % 4 == 3) text.resize(random() % text.size());
    for (int change = 0; !text.empty() && change < 1 + round % 8; ++change) {
      text[random() % text.size()] = static_cast<char>(random());
    }
    write(name, text);
    const double start = seconds_used();
    const auto model = open();
    EXPECT_LT(seconds_used() - start, most_seconds);
    if (model.ok()) {
      logits(**model, tokens);
    } else {
      ++refusals;
      EXPECT_FALSE(model.error().message.empty());
      EXPECT_NE(model.error().code, ErrorCode::internal) << model.error().message;
    }
    write(name, content(name));
  }
  EXPECT_GT(refusals, 10);
}

}  // namespace
}  // namespace tenfold::mlc
