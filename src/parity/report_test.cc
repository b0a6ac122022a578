#include "parity/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

CaseReport parted(double gap) {
  CaseReport report;
  report.name = "chat 1";
  report.positions = 100;
  report.agreed = 98;
  report.kl_positions = 100;
  report.kl = 0.5;
  report.divergence =
      Divergence{3, TokenLogprob{1, "a", 0, {}}, TokenLogprob{2, "b", 0, {}}, gap, 0.1};
  return report;
}

TEST(Report, AddsUp) {
  RunReport report;
  EXPECT_EQ(report.agreement(), 1);
  EXPECT_FALSE(report.mean_kl());
  report.cases = {CaseReport(), parted(0.2)};
  EXPECT_EQ(report.same_answers(), 1U);
  EXPECT_EQ(report.first_divergence()->name, "chat 1");
  EXPECT_DOUBLE_EQ(report.agreement(), 0.98);
  EXPECT_DOUBLE_EQ(report.mean_kl().value(), 0.005);
}

TEST(Report, ANearTieIsNoFaultInFullPrecision) {
  EXPECT_THAT(find_faults({{parted(0.3)}}, full_precision_bounds), IsEmpty());
  EXPECT_THAT(find_faults({{parted(0.6)}}, full_precision_bounds),
              ElementsAre("chat 1: token 3 is 2 \"b\", expected 1 \"a\" (gap 0.600, in the "
                          "reference 0.100)"));
  CaseReport unknown = parted(0);
  unknown.divergence->gap.reset();
  EXPECT_THAT(find_faults({{unknown}}, full_precision_bounds), ElementsAre(HasSubstr("unknown")));
  EXPECT_THAT(find_faults({{parted(9)}}, quantized_bounds), IsEmpty());
}

TEST(Report, NamesWhatIsBeyondTheBounds) {
  CaseReport far = parted(9);
  far.agreed = 50;
  far.kl = 120;
  far.text_difference = "at byte 3: \"x\", expected \"y\"";
  far.tokens_difference = "at position 1: 2, expected 3 (4 and 4 tokens)";
  EXPECT_THAT(
      find_faults({{far}}, quantized_bounds),
      ElementsAre("1 of 1 rendered prompts differ, first chat 1 at byte 3: \"x\", expected \"y\"",
                  "1 of 1 prompts are tokenized differently, first chat 1 at position 1: 2, "
                  "expected 3 (4 and 4 tokens)",
                  "top-1 agreement is 50.0 %, below 75.0 %",
                  "mean KL divergence is 1.2000, above 0.3"));
}

TEST(Report, BoundsAreThoseOfTheWeights) {
  EXPECT_EQ(bounds_for(2000, 1000).largest_kl, full_precision_bounds.largest_kl);
  EXPECT_EQ(bounds_for(1100, 1000).largest_kl, quantized_bounds.largest_kl);
  EXPECT_EQ(bounds_for(1100, 0).largest_kl, full_precision_bounds.largest_kl);
}

}  // namespace
}  // namespace tenfold
