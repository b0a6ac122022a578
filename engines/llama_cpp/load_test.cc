// Opening models: options, limits, adapters, and every refusal.
#include "testing/model_fixture.h"

namespace tenfold::llama_cpp {
namespace {

using ::testing::HasSubstr;

class LoadTest : public ModelFixture {
 protected:
  void expect_refused(const Result<std::unique_ptr<TokenModel>>& result, ErrorCode code,
                      std::string_view message) {
    ASSERT_FALSE(result.ok()) << message;
    EXPECT_EQ(to_string(result.error().code), to_string(code)) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(std::string(message)));
  }
};

TEST_F(LoadTest, RefusesWrongFiles) {
  expect_refused(try_open(folder_ / "none.gguf"), ErrorCode::not_found, "none.gguf");
  expect_refused(try_open(folder_), ErrorCode::bad_model, "is a folder");
  expect_refused(try_open(write_bytes("e.gguf", "")), ErrorCode::bad_model, "is empty");
  expect_refused(try_open(write_bytes("t.gguf", "some words")), ErrorCode::bad_model,
                 "a text file");
  const std::string whole = small_llama().build();
  expect_refused(try_open(write_bytes("s.gguf", whole.substr(0, whole.size() / 2))),
                 ErrorCode::bad_model, "truncated");
}

TEST_F(LoadTest, RefusesWhatLlamaCppRefuses) {
  GgufBuilder unknown;
  unknown.text("general.architecture", "nothing")
      .integer("nothing.block_count", 1)
      .integer("nothing.embedding_length", 8)
      .integer("nothing.context_length", 8)
      .tensor("t", {8}, std::vector<float>(8));
  expect_refused(try_open(write("u.gguf", unknown)), ErrorCode::unsupported,
                 "the architecture \"nothing\", which llama.cpp does not know");
  GgufBuilder incomplete;
  incomplete.text("general.architecture", "llama")
      .integer("llama.block_count", 1)
      .integer("llama.embedding_length", 8)
      .integer("llama.context_length", 8)
      .integer("llama.attention.head_count", 2)
      .integer("llama.feed_forward_length", 8)
      .real("llama.attention.layer_norm_rms_epsilon", 1e-5F)
      .tensor("t", {8}, std::vector<float>(8));
  expect_refused(try_open(write("i.gguf", incomplete)), ErrorCode::bad_model, "error loading");
  GgufBuilder both;
  both.text("general.architecture", "t5").tensor("t", {8}, std::vector<float>(8));
  expect_refused(try_open(write("t5.gguf", both)), ErrorCode::unsupported, "encoder-decoder");
}

TEST_F(LoadTest, LargerContextsThanTrainedAreStretched) {
  const std::string path = write("m.gguf", small_llama());
  expect_refused(try_open(path, {.context_size = 1 << 27, .sequences = 4, .engine_options = {}}),
                 ErrorCode::invalid_argument, "with 4 sequences it can be at most 67108864");
  expect_refused(try_open(path, {.context_size = 200, .engine_options = {}}),
                 ErrorCode::invalid_argument, "context_size is 200");
  const auto stretched =
      try_open(path, {.context_size = 200, .engine_options = {{"rope_freq_scale", 0.5}}});
  ASSERT_TRUE(stretched.ok()) << stretched.error().message;
  EXPECT_EQ((*stretched)->info().context_size, 200);
}

TEST_F(LoadTest, ChecksOptionsAgainstEachOther) {
  const std::string path = write("m.gguf", small_llama());
  expect_refused(try_open(path, {.engine_options = {{"batch_size", std::int64_t{16}},
                                                    {"micro_batch_size", std::int64_t{32}}}}),
                 ErrorCode::invalid_argument, "micro_batch_size (32) is larger");
  expect_refused(try_open(path, {.engine_options = {{"kv_cache_type_v", std::string("q8_0")},
                                                    {"flash_attention", std::string("off")}}}),
                 ErrorCode::invalid_argument, "needs flash_attention");
  expect_refused(try_open(path, {.engine_options = {{"kv_cache_type_k", std::string("q8_0")}}}),
                 ErrorCode::unsupported, "q8_0");  // heads of 8 elements, blocks of 32
}

TEST_F(LoadTest, TakesEveryOption) {
  const auto plain = open(small_llama());
  const auto tokens = some_tokens(20);
  const auto expected = logits(*plain, tokens);
  const std::vector<std::pair<std::string, OptionValue>> harmless = {
      {"batch_size", std::int64_t{7}},
      {"micro_batch_size", std::int64_t{3}},
      {"mmap", false},
      {"mlock", false},
      {"kv_cache_type_k", std::string("f32")},
      {"kv_cache_type_v", std::string("f32")},
      {"flash_attention", std::string("off")},
      {"flash_attention", std::string("on")},
      {"rope_scaling", std::string("none")},
      {"repack", false},
      {"poll", std::int64_t{0}},
      {"yarn_beta_fast", 32.0},
  };
  for (const auto& [name, value] : harmless) {
    SCOPED_TRACE(name);
    const auto model = open(small_llama(), {.engine_options = {{name, value}}});
    ASSERT_NE(model, nullptr);
    expect_near(logits(*model, tokens), expected, 0.05F);
  }
  const std::vector<std::pair<std::string, OptionValue>> changing = {{"rope_freq_base", 10.0},
                                                                     {"rope_freq_scale", 0.1}};
  for (const auto& [name, value] : changing) {
    SCOPED_TRACE(name);
    const auto model = open(small_llama(), {.engine_options = {{name, value}}});
    ASSERT_NE(model, nullptr);
    EXPECT_NE(logits(*model, tokens), expected);
  }
}

TEST_F(LoadTest, RefusesMoreMemoryThanTheLimit) {
  const auto refused =
      try_open(write("m.gguf", small_llama()), {.memory_limit = 1 << 20, .engine_options = {}});
  expect_refused(refused, ErrorCode::out_of_memory, "the memory limit is 1 MiB");
  EXPECT_THAT(refused.error().message, HasSubstr("for the KV cache"));
  EXPECT_TRUE(
      try_open(write("m.gguf", small_llama()), {.memory_limit = 1 << 30, .engine_options = {}})
          .ok());
  // Far more than any machine has.
  expect_refused(
      try_open(write("m.gguf", small_llama()), {.context_size = 1 << 20,
                                                .sequences = 256,
                                                .engine_options = {{"rope_freq_scale", 0.5}}}),
      ErrorCode::out_of_memory, "free memory");
}

TEST_F(LoadTest, AppliesLoraAdapters) {
  const auto tokens = some_tokens(5);
  const auto base = logits(*open(small_llama()), tokens);
  const std::string adapter = write("lora.gguf", small_lora());
  const auto with = [&](const std::string& value) {
    return open(small_llama(), {.engine_options = {{"lora", value}}});
  };
  const auto full = logits(*with(adapter), tokens);
  const auto half = logits(*with(adapter + ";0.5"), tokens);
  EXPECT_NE(full, base);
  EXPECT_NE(half, full);
  expect_near(logits(*with(adapter + ";0.0"), tokens), base);
  expect_near(logits(*with(adapter + ";0.25," + adapter + ";0.25"), tokens), half);
}

TEST_F(LoadTest, RefusesBadLoraAdapters) {
  const std::string path = write("m.gguf", small_llama());
  const auto with = [&](const std::string& value) {
    return try_open(path, {.engine_options = {{"lora", value}}});
  };
  expect_refused(with(folder_ / "none.gguf"), ErrorCode::not_found, "none.gguf");
  expect_refused(with(path), ErrorCode::bad_model, "is not a LoRA adapter");
  expect_refused(with(path + ";x"), ErrorCode::invalid_argument, "\"x\" is not a number");
  expect_refused(with(","), ErrorCode::invalid_argument, "a path is empty");
  GgufBuilder other = small_lora();
  other.tensor("blk.9.attn_q.weight.lora_a", {32, 4}, std::vector<float>(128))
      .tensor("blk.9.attn_q.weight.lora_b", {4, 32}, std::vector<float>(128));
  expect_refused(with(write("other.gguf", other)), ErrorCode::bad_model, "does not fit");
}

TEST_F(LoadTest, ReportsProgressAndCanBeCancelled) {
  const std::string path = write("m.gguf", small_llama());
  std::vector<double> seen;
  const auto loaded =
      LlamaModel::open({.path = path}, {.threads = 1, .engine_options = {}}, [&](double share) {
        seen.push_back(share);
        return true;
      });
  ASSERT_TRUE(loaded.ok());
  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), 1.0);
  expect_refused(LlamaModel::open({.path = path}, {.threads = 1, .engine_options = {}},
                                  [](double) { return false; }),
                 ErrorCode::cancelled, "was cancelled");
}

TEST_F(LoadTest, DefaultsToTheCoresOfThisProcess) {
  auto model = LlamaModel::open({.path = write("m.gguf", small_llama())}, {}, {});
  ASSERT_TRUE(model.ok());
  EXPECT_GE((*model)->info().threads, 1);
  EXPECT_FALSE(logits(**model, some_tokens(3)).empty());
}

}  // namespace
}  // namespace tenfold::llama_cpp
