#include "base/log_lines.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(LogLines, KeepsTheLast) {
  LogLines lines(LogLines::Keep::last, 2);
  EXPECT_EQ(lines.joined(), "");
  lines.append("of nothing");
  EXPECT_EQ(lines.joined(), "");
  lines.add("broken");
  lines.append(" badly\n");
  lines.add("\n");
  EXPECT_EQ(lines.joined(), "broken badly");
  lines.add("a\n");
  lines.add("b\n");
  EXPECT_EQ(lines.joined(), "a; b");
  lines.end();
  lines.append(" of another");
  EXPECT_EQ(lines.joined(), "a; b");
  lines.add(std::string(3000, 'x'));
  EXPECT_LT(lines.joined().size(), 500U);
  lines.clear();
  EXPECT_EQ(lines.joined(), "");
  lines.append("of nothing");
  EXPECT_EQ(lines.joined(), "");
}

TEST(LogLines, KeepsTheFirst) {
  LogLines lines(LogLines::Keep::first, 2);
  for (const char* line : {"cause", "effect", "effect of the effect"}) lines.add(line);
  lines.append(" and more");
  EXPECT_EQ(lines.joined(), "cause; effect");
}

}  // namespace
}  // namespace tenfold
