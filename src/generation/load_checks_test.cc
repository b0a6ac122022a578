#include "generation/load_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "generation/testing/fake_token_model.h"

namespace tenfold {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t mib = 1 << 20;

LoadOptions with_context(int size) {
  LoadOptions options;
  options.context_size = size;
  return options;
}

TEST(LoadChecks, ChooseTheContext) {
  EXPECT_EQ(*choose_context_size("m", with_context(0), 1024), 1024);
  EXPECT_EQ(*choose_context_size("m", with_context(0), 100'000), 8192);
  EXPECT_EQ(*choose_context_size("m", with_context(512), 1024), 512);
  const auto refused = choose_context_size("m", with_context(2048), 1024);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("context_size is 2048, but m has 1024"));
}

TEST(LoadChecks, OnlySpecialTokensMayLieBeyondTheModel) {
  const FakeTokenizer tokenizer;
  EXPECT_TRUE(check_vocabulary("m", tokenizer, tokenizer.vocabulary_size()).ok());
  const auto refused = check_vocabulary("m", tokenizer, tokenizer.vocabulary_size() - 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::bad_model);
  EXPECT_EQ(refused.error().hint, "use the tokenizer that belongs to this model");
  class WithoutPieces final : public FakeTokenizer {
    [[nodiscard]] int vocabulary_size() const override { return first_piece; }
  };
  EXPECT_TRUE(check_vocabulary("m", WithoutPieces(), FakeTokenizer::bos).ok());
}

TEST(LoadChecks, HoldTheNeedAgainstTheLimit) {
  LoadOptions options;
  options.memory_limit = 100 * mib;
  EXPECT_TRUE(check_memory("m", {60 * mib, 30 * mib, 10 * mib}, options).ok());
  const auto refused = check_memory("m", {60 * mib, 30 * mib, 11 * mib}, options);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::out_of_memory);
  EXPECT_THAT(refused.error().message, HasSubstr("60 for weights, 30 for the KV cache, 11 for"));
}

TEST(LoadChecks, HoldTheNeedAgainstFreeMemory) {
  const std::uint64_t too_much = std::uint64_t{1} << 50;
  EXPECT_THAT(check_memory("m", {too_much, 0, 0}, {}).error().message, HasSubstr("free memory"));
  EXPECT_TRUE(check_memory("m", {too_much, 0, 0, true}, {}).ok());
}

}  // namespace
}  // namespace tenfold
