#include "cli/arguments.h"

#include <gmock/gmock.h>

namespace tenfold {
namespace {

using ::testing::ElementsAre;

Result<Arguments> parse(const std::vector<std::string>& arguments) {
  return parse_arguments(in_run, arguments);
}

TEST(Arguments, OptionsAndWordsMayBeMixed) {
  const Arguments out =
      parse({"one", "--seed", "5", "two", "-m", "a", "--stop=x=y", "--stop", "z", "--json"})
          .value();
  EXPECT_THAT(out.words, ElementsAre("one", "two"));
  EXPECT_THAT(out.options.at("seed"), ElementsAre("5"));
  EXPECT_THAT(out.options.at("model"), ElementsAre("a"));
  EXPECT_THAT(out.options.at("stop"), ElementsAre("x=y", "z"));
  EXPECT_THAT(out.options.at("json"), ElementsAre("true"));
  EXPECT_FALSE(out.help);
}

TEST(Arguments, Forms) {
  EXPECT_THAT(parse({"-ma"}).value().options.at("model"), ElementsAre("a"));
  EXPECT_THAT(parse({"-m=a"}).value().options.at("model"), ElementsAre("a"));
  EXPECT_THAT(parse({"--system="}).value().options.at("system"), ElementsAre(""));
  EXPECT_THAT(parse({"--presence-penalty", "-0.5"}).value().options.at("presence-penalty"),
              ElementsAre("-0.5"));
  EXPECT_TRUE(parse({"-h"}).value().help);
  EXPECT_TRUE(parse({"x", "--help"}).value().help);
}

TEST(Arguments, WordsAreKeptByteForByte) {
  EXPECT_THAT(parse({"[a, b]", "-", "-5", "", "- x", "--", "--seed", "--"}).value().words,
              ElementsAre("[a, b]", "-", "-5", "", "- x", "--seed", "--"));
}

TEST(Arguments, Faults) {
  EXPECT_EQ(parse({"--frob"}).error().message, "unknown option --frob");
  EXPECT_EQ(parse({"--frob=1"}).error().message, "unknown option --frob");
  EXPECT_EQ(parse({"-x"}).error().message, "unknown option -x");
  EXPECT_EQ(parse({"--repetitions", "1"}).error().message, "unknown option --repetitions");
  EXPECT_EQ(parse({"--seed"}).error().message, "--seed needs a value: N");
  EXPECT_EQ(parse({"--json=1"}).error().message, "--json takes no value");
}

}  // namespace
}  // namespace tenfold
