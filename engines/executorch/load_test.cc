// Opening models: options, limits, and every refusal.
#include <algorithm>

#include "formats/describe.h"
#include "testing/program_fixture.h"

namespace tenfold::executorch {
namespace {

using ::testing::HasSubstr;

class LoadTest : public ProgramFixture {
 protected:
  static void expect_refused(const Result<std::unique_ptr<TokenModel>>& result, ErrorCode code,
                             const std::string& message) {
    ASSERT_FALSE(result.ok()) << message;
    EXPECT_EQ(to_string(result.error().code), to_string(code)) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(message));
  }
};

TEST_F(LoadTest, OpensAFileOrItsFolder) {
  const auto model = open(std::filesystem::path(tiny_llama).parent_path());
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->info().vocabulary_size, 512);
}

TEST_F(LoadTest, RefusesWrongFiles) {
  expect_refused(try_open(folder_ / "none.pte"), ErrorCode::not_found, "none.pte");
  expect_refused(try_open(folder_), ErrorCode::bad_model, "without a model");
  expect_refused(try_open(write("e.pte", "")), ErrorCode::bad_model, "is empty");
  expect_refused(try_open(write("t.pte", "some words")), ErrorCode::bad_model, "a text file");
  expect_refused(try_open("tests/models/tiny-llama/tiny-llama-q4_0.gguf"), ErrorCode::bad_model,
                 "is not an ExecuTorch program; it looks like GGUF");
  const std::string whole = *read_file(tiny_llama, 1 << 24);
  expect_refused(try_open(write("s.pte", whole.substr(0, whole.size() / 2))), ErrorCode::bad_model,
                 "truncated");
}

TEST_F(LoadTest, RefusesADamagedProgram) {
  std::string bytes = *read_file(tiny_llama, 1 << 24);
  std::fill(bytes.begin() + 64, bytes.begin() + 4096, '\xee');
  expect_refused(try_open(write("d.pte", bytes)), ErrorCode::bad_model, "is damaged");
}

TEST_F(LoadTest, NeedsATokenizer) {
  std::filesystem::remove(folder_ / "tokenizer.json");
  expect_refused(try_open(small("one_by_one.pte")), ErrorCode::bad_model, "no tokenizer in");
  write("tokenizer.json", "{");
  expect_refused(try_open(small("one_by_one.pte")), ErrorCode::bad_model, "tokenizer.json");
}

TEST_F(LoadTest, ReadsTextByATokenizerModelOfEitherForm) {
  std::filesystem::remove(folder_ / "tokenizer.json");
  std::filesystem::remove(folder_ / "tokenizer_config.json");
  const std::string forms = "src/text/testdata/reference/";
  std::filesystem::copy_file(forms + "llama.model", folder_ / "tokenizer.model");
  const auto model = try_open(write("m.pte", *read_file(tiny_llama, 1 << 24)));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ((*model)->tokenizer().encode("hello", true, true)->front(), 1);
  write("tokenizer.model", *read_file(forms + "llama3.tiktoken", 1 << 20));
  expect_refused(try_open(folder_ / "m.pte"), ErrorCode::unsupported,
                 "its 700 ranks are of no known family");
  write("tokenizer_config.json",
        R"({"added_tokens_decoder": {"700": {"content": "<|begin_of_text|>"}}})");
  expect_refused(try_open(folder_ / "m.pte"), ErrorCode::bad_model,
                 "has 701 tokens, but the model knows 512");
}

TEST_F(LoadTest, RefusesTheTokenizerOfAnotherModel) {
  std::string json = *read_file(folder_ / "tokenizer.json", 1 << 20);
  const std::string added = R"("added_tokens": [)";
  const auto at = json.find(added);
  ASSERT_NE(at, std::string::npos);
  json.insert(at + added.size(),
              R"({"id": 512, "content": "<|far|>", "special": false, "lstrip": false,
                  "rstrip": false, "normalized": false, "single_word": false},)");
  write("tokenizer.json", json);
  expect_refused(try_open(small("one_by_one.pte")), ErrorCode::bad_model,
                 "has 513 tokens, but the model knows 512");
}

TEST_F(LoadTest, RefusesProgramsThatAreNoLanguageModels) {
  expect_refused(try_open(altered({{"forward", "encoder"}})), ErrorCode::unsupported,
                 "no method \"forward\", only: enable_dynamic_shape, encoder");
  expect_refused(try_open(altered({{"get_max_context_len", "get_max_context_xxx"},
                                   {"get_max_seq_len", "get_max_seq_xxx"}})),
                 ErrorCode::unsupported, "neither get_max_context_len() nor get_max_seq_len()");
  expect_refused(try_open(small("no_positions.pte")), ErrorCode::unsupported,
                 "forward takes 1 inputs");
  expect_refused(try_open(small("no_cache.pte")), ErrorCode::unsupported, "without a KV cache");
}

/// Nobody shall download, or import, what a load refuses.
TEST_F(LoadTest, IsToldBeforeTheLoad) {
  for (const char* name : {"no_positions.pte", "no_cache.pte", "averaging_by_four.pte",
                           "other_vocabulary.pte", "no_context.pte"}) {
    const auto described = describe_model(small(name));
    ASSERT_TRUE(described.ok()) << name;
    ASSERT_TRUE(described->refusal) << name;
    EXPECT_EQ(described->refusal->message, try_open(small(name)).error().message);
  }
}

TEST_F(LoadTest, RefusesToPadWhatAStateWouldKeep) {
  expect_refused(try_open(small("averaging_by_four.pte")), ErrorCode::unsupported,
                 "it takes exactly 4 tokens at a time, and keeps a state or a ring");
}

TEST_F(LoadTest, RefusesProgramsThatContradictThemselves) {
  expect_refused(try_open(small("other_vocabulary.pte")), ErrorCode::bad_model,
                 "claims a vocabulary of 513 tokens, but gives 512 logits");
  expect_refused(try_open(small("no_context.pte")), ErrorCode::bad_model,
                 "claims a context of 0 tokens");
}

TEST_F(LoadTest, NamesAMissingOperatorOrBackend) {
  const auto refused = [&](const std::string& from, const std::string& to,
                           const std::string& message) {
    auto model = resolve_file(tiny_llama).value();
    model.file = altered({{from, to}});
    expect_refused(ExecutorchModel::open(model, {.threads = 1, .engine_options = {}}, {}),
                   ErrorCode::unsupported, message);
  };
  refused("aten::embedding", "llama::embeddin", "llama::embeddin");
  refused("XnnpackBackend", "OtherPlaceOnly", "was exported for OtherPlaceOnly, which is not here");
}

TEST_F(LoadTest, HasNoLargerContextThanTheProgram) {
  expect_refused(try_open(tiny_llama, {.context_size = 1025, .engine_options = {}}),
                 ErrorCode::invalid_argument, "context_size is 1025");
}

TEST_F(LoadTest, RefusesMoreMemoryThanTheLimit) {
  expect_refused(try_open(tiny_llama, {.memory_limit = 1 << 20, .engine_options = {}}),
                 ErrorCode::out_of_memory, "the memory limit is 1 MiB");
  EXPECT_NE(open(tiny_llama, {.memory_limit = 1 << 30, .engine_options = {}}), nullptr);
}

TEST_F(LoadTest, TakesEveryOption) {
  const std::vector<TokenId> tokens{1, 4, 316, 276, 267, 273, 280, 435, 36, 2, 5};
  const auto expected = logits(*open(tiny_llama), tokens);
  const std::vector<std::pair<std::string, OptionValue>> values = {
      {"load_mode", std::string("file")},
      {"load_mode", std::string("mlock")},
      {"prefill_chunk", std::int64_t{1}},
      {"prefill_chunk", std::int64_t{65536}}};
  for (const auto& [name, value] : values) {
    SCOPED_TRACE(name);
    const auto model = open(tiny_llama, {.engine_options = {{name, value}}});
    ASSERT_NE(model, nullptr);
    expect_near(logits(*model, tokens), expected);
  }
}

TEST_F(LoadTest, ReportsProgressAndCanBeCancelled) {
  std::vector<double> seen;
  const LoadOptions options{.threads = 1, .engine_options = {}};
  ASSERT_TRUE(ExecutorchModel::open(resolve_file(tiny_llama).value(), options, [&](double share) {
                seen.push_back(share);
                return true;
              }).ok());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 1.0);
  for (std::size_t stop = 0; stop < seen.size(); ++stop) {
    std::size_t calls = 0;
    expect_refused(ExecutorchModel::open(resolve_file(tiny_llama).value(), options,
                                         [&](double) { return calls++ < stop; }),
                   ErrorCode::cancelled, "was cancelled");
  }
}

TEST_F(LoadTest, KeepsTheLogToItself) {
  testing::internal::CaptureStderr();
  EXPECT_NE(open(tiny_llama), nullptr);
  EXPECT_FALSE(try_open(altered({{"aten::embedding", "aten::embeddinx"}})).ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace tenfold::executorch
