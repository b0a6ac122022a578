#include "parity/verification.h"

#include <gmock/gmock.h>

#include "parity/testing/fake_engine.h"

namespace tenfold {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class VerificationTest : public ::testing::Test {
 protected:
  /// "missing" is not there, "other" says something else.
  static Result<OpenedModel> open(const VerifiedRun& run) {
    if (run.model == "missing") return fail(ErrorCode::not_found, "there is no such file");
    const auto control = std::make_shared<FakeModelControl>();
    if (run.model == "other") control->next = [](std::span<const TokenId>) { return 'x'; };
    OpenedModel opened{make_core_engine(fake_backend(control)), {}};
    opened.info = TRY(opened.engine->initialize({.path = "fake"}, {}, {}));
    return opened;
  }

  static std::vector<VerifiedRun> runs(const std::vector<std::string>& models) {
    std::vector<VerifiedRun> runs(models.size());
    for (std::size_t i = 0; i < models.size(); ++i) {
      runs[i].model = models[i];
      runs[i].engine = find_engine("llama_cpp");
    }
    return runs;
  }

  Result<void> check(std::vector<VerifiedRun>& runs) { return verification_.check(runs); }

  std::vector<std::string> steps_;
  std::function<void()> on_step_ = [] {};
  Verification verification_{
      8, [](const VerifiedRun& run, const std::function<bool()>&) { return open(run); },
      [this](const VerifiedRun& run, const std::string& step) {
        steps_.push_back(run.model + ": " + step);
        on_step_();
      }};
};

TEST_F(VerificationTest, TwoOfTheSameAgree) {
  std::vector<VerifiedRun> both = runs({"one", "two"});
  const auto checked = check(both);
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  EXPECT_THAT(steps_, SizeIs(26));
  EXPECT_THAT(steps_, Contains("two: its cache"));
  const Json json = to_json(both);
  EXPECT_EQ(json["agrees"], true);
  EXPECT_EQ(json["runs"][0]["reference"], true);
  EXPECT_EQ(json["runs"][1]["same_answers"], 12);
  EXPECT_EQ(json["runs"][1]["top1_agreement"], 1.0);
}

TEST_F(VerificationTest, WhatDiffersAndWhatFailsAreTold) {
  std::vector<VerifiedRun> all = runs({"one", "missing", "other"});
  ASSERT_TRUE(check(all).ok());
  EXPECT_FALSE(agree(all));
  const Json json = to_json(all);
  EXPECT_EQ(json["runs"][1]["error"]["code"], "not_found");
  EXPECT_EQ(json["runs"][2]["same_answers"], 0);
  EXPECT_THAT(all[2].faults, Contains(HasSubstr("top-1 agreement")));
}

TEST_F(VerificationTest, AReferenceThatFailsEndsIt) {
  std::vector<VerifiedRun> both = runs({"missing", "two"});
  EXPECT_EQ(check(both).error().code, ErrorCode::not_found);
  EXPECT_THAT(steps_, SizeIs(0));
}

TEST_F(VerificationTest, EndsSoonWhenCancelled) {
  on_step_ = [this] {
    if (steps_.back() == "two: its cache") verification_.cancel();
  };
  std::vector<VerifiedRun> all = runs({"one", "two", "three"});
  EXPECT_EQ(check(all).error().code, ErrorCode::cancelled);
  EXPECT_EQ(steps_.back(), "two: its cache");
}

}  // namespace
}  // namespace tenfold
