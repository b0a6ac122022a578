#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace tenfold {
namespace {

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("serach", "search"), 1U) << "neighbours swapped";
  EXPECT_EQ(edit_distance("Llama", "llama"), 0U);
  EXPECT_EQ(edit_distance(std::string(1000, 'a'), std::string(900, 'a')), 0U);
}

TEST(Nearest, NamesWhatWasMeant) {
  constexpr std::array<std::string_view, 4> known{"rm", "run", "search", "inspect"};
  EXPECT_EQ(nearest("serach", known), "search");
  EXPECT_EQ(nearest("inspct", known), "inspect");
  EXPECT_EQ(nearest("rnu", known), "run");
  EXPECT_EQ(nearest("xy", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(did_you_mean("serach", known, "no"), "did you mean search?");
  EXPECT_EQ(did_you_mean("benchmark", known, "no"), "no");
}

}  // namespace
}  // namespace tenfold
