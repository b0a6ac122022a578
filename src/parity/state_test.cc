#include "parity/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "parity/testing/fake_engine.h"

namespace tenfold {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<TokenId> prompt() {
  std::vector<TokenId> tokens;
  for (TokenId token = 10; token < 50; ++token) tokens.push_back(token);
  return tokens;
}

std::vector<std::string> faults_of(FakeRun& run) {
  const auto faults = check_state(*run.engine, prompt(), 8);
  EXPECT_TRUE(faults.ok()) << faults.error().message;
  return faults.ok() ? *faults : std::vector<std::string>();
}

TEST(State, AGoodEngineHasNoFault) {
  FakeRun run;
  EXPECT_THAT(faults_of(run), IsEmpty());
}

TEST(State, AnswersThatChangeAreSeen) {
  FakeRun run;
  run.control->next = [&](std::span<const TokenId>) {
    return 'a' + run.control->evaluate_calls % 5;
  };
  EXPECT_THAT(faults_of(run), Contains(HasSubstr("asked again: token 0 is")));
}

TEST(State, ACacheThatKeepsWhatWasRewoundIsSeen) {
  FakeRun run;
  std::size_t longest = 0;
  run.control->next = [&](std::span<const TokenId> held) -> std::optional<TokenId> {
    if (held.size() == 1) longest = 0;  // it was emptied
    longest = std::max(longest, held.size());
    return longest == held.size() ? 'a' : 'b';
  };
  const auto faults = faults_of(run);
  EXPECT_THAT(faults, Contains(HasSubstr("after a longer prompt: token 0 is 98 \"b\"")));
}

TEST(State, ANearTieIsNoFault) {
  FakeRun run;
  run.control->edit_row = [&](std::span<float> row) {
    std::ranges::fill(row, 0.0F);
    row['a'] = 10;
    row['b'] = run.control->evaluate_calls % 2 == 0 ? 10.01F : 9.99F;
  };
  EXPECT_THAT(faults_of(run), IsEmpty());
}

}  // namespace
}  // namespace tenfold
