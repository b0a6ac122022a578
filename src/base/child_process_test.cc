#include "base/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "base/files.h"
#include "base/run_child.h"

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What it writes until its end.
std::string output_of(ChildStart start) {
  Ends pipe = make_pipe().value();
  start.output = pipe.second.get();
  const auto child = start_child(start);
  EXPECT_TRUE(child.ok()) << child.error().message;
  if (!child.ok()) return {};
  pipe.second = Descriptor();
  const auto output = read_open_file(pipe.first.get(), "the pipe", 1 << 20);
  ::waitpid(*child, nullptr, 0);
  return output.value();
}

/// Of the child that lists them, but for the one that the listing itself takes.
std::vector<int> descriptors_of(ChildStart start) {
  start.arguments = {"sh", "-c", "for fd in /proc/$$/fd/*; do [ -e $fd ] && echo ${fd##*/}; done"};
  std::istringstream lines(output_of(start));
  std::vector<int> descriptors;
  for (int descriptor = 0; lines >> descriptor;) descriptors.push_back(descriptor);
  std::ranges::sort(descriptors);
  return descriptors;
}

/// As a library leaves it that does not know of close-on-exec.
class LeakyDescriptors : public ::testing::Test {
 protected:
  LeakyDescriptors() {
    for (Descriptor& leak : leaks_) leak = Descriptor(::open("/dev/null", O_RDONLY));
  }
  Descriptor leaks_[20];
};

TEST_F(LeakyDescriptors, AChildHasItsStandardOnesOnly) {
  EXPECT_THAT(descriptors_of({}), ElementsAre(0, 1, 2));
}

TEST_F(LeakyDescriptors, AndTheChannelThatItIsGiven) {
  const Ends channel = make_socket_pair().value();
  EXPECT_THAT(descriptors_of({.channel = channel.second.get()}), ElementsAre(0, 1, 2, 3));
}

TEST_F(LeakyDescriptors, SoHasPip) {
  const auto done =
      run_child({"sh", "-c", "for fd in /proc/$$/fd/*; do [ -e $fd ] && echo ${fd##*/} >&2; done"},
                ChildOutput::hidden, {});
  EXPECT_EQ(done.value().last_lines, "0\n1\n2\n");
}

TEST(ChildProcess, HasTheEnvironmentAndWhatIsNotThereYet) {
  ::setenv("TENFOLD_CHILD_TEST", "mine", 1);
  const std::string variables = output_of(
      {.arguments = {"env"}, .environment = {"TENFOLD_CHILD_TEST=yours", "TENFOLD_NEW=1"}});
  ::unsetenv("TENFOLD_CHILD_TEST");
  EXPECT_THAT(variables, HasSubstr("TENFOLD_CHILD_TEST=mine\n"));
  EXPECT_THAT(variables, HasSubstr("TENFOLD_NEW=1\n"));
}

TEST(ChildProcess, LeadsAGroupOnlyIfAsked) {
  const std::string group = "ps -o pgid= -p $$ | tr -d ' '; echo $$";
  const auto same = [&](bool own) {
    std::istringstream words(output_of({.arguments = {"sh", "-c", group}, .own_group = own}));
    std::string one, other;
    words >> one >> other;
    return one == other;
  };
  EXPECT_TRUE(same(true));
  EXPECT_FALSE(same(false));
}

TEST(ChildProcess, AProgramThatIsNotThereIsNamed) {
  const auto child = start_child({.arguments = {"/none/such"}});
  ASSERT_FALSE(child.ok());
  EXPECT_EQ(child.error().code, ErrorCode::unavailable);
  EXPECT_THAT(child.error().message, HasSubstr("/none/such"));
}

}  // namespace
}  // namespace tenfold
