// Ctrl-C, and a reader that leaves.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "program.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

using InterruptTest = ProgramTest;

TEST_F(InterruptTest, StopsAnAnswer) {
  const pid_t child = start("exec tenfold run slow");
  wait_for_output("tick");
  ::kill(child, SIGINT);
  const ProgramEnd end = finish(child);
  EXPECT_EQ(end.code, 130);
  EXPECT_THAT(end.output, HasSubstr("tick\ntenfold: the answer was stopped\n"));
}

TEST_F(InterruptTest, StopsAnAnswerInJson) {
  const pid_t child = start("exec tenfold run --json slow");
  wait_for_slow_answer();
  ::kill(child, SIGINT);
  const ProgramEnd end = finish(child);
  EXPECT_EQ(end.code, 130);
  EXPECT_THAT(end.output, HasSubstr("cancelled"));
}

TEST_F(InterruptTest, StopsAComparison) {
  const pid_t child = start("cp fake.gguf slow.gguf; exec tenfold verify fake.gguf slow.gguf");
  wait_for_slow_answer();
  ::kill(child, SIGINT);
  const ProgramEnd end = finish(child);
  EXPECT_EQ(end.code, 130);
  EXPECT_THAT(end.output, HasSubstr("cancelled"));
}

TEST_F(InterruptTest, InAChatItStopsTheAnswerAndTheChatGoesOn) {
  const pid_t child = start("mkfifo in; exec tenfold chat < in");
  const pid_t writer = ::fork();
  if (writer == 0) {
    const std::string script = "exec 3> '" + (home_ / "in").string() +
                               "'; echo slow >&3; while [ ! -e '" + (home_ / "go").string() +
                               "' ]; do sleep 0.05; done; printf '/open 1\\nhello\\n' >&3";
    while (!std::filesystem::exists(home_ / "in")) ::usleep(10'000);
    ::execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
    ::_exit(127);
  }
  wait_for_output("tick");
  ::kill(child, SIGINT);
  wait_for_output("the answer was stopped");
  ::kill(child, SIGINT);
  wait_for_output("press Ctrl-C again to leave");
  ::close(::creat((home_ / "go").c_str(), 0644));
  const ProgramEnd end = finish(child);
  EXPECT_EQ(end.code, 0);
  EXPECT_THAT(end.output, HasSubstr("assistant (stopped): tick"));
  EXPECT_THAT(end.output, HasSubstr("You said: hello."));
}

TEST_F(InterruptTest, TwiceAtThePromptLeaves) {
  const pid_t child = start("mkfifo in; exec tenfold chat 3<> in < in");
  wait_for_output("context");
  ::kill(child, SIGINT);
  wait_for_output("again");
  ::kill(child, SIGINT);
  EXPECT_EQ(finish(child).code, 130);
}

TEST_F(InterruptTest, TwiceInAnAnswerLeavesAtOnce) {
  const pid_t child = start("exec tenfold run slow");
  wait_for_output("tick");
  ::kill(child, SIGINT);
  ::kill(child, SIGINT);
  EXPECT_EQ(finish(child).code, 130);
}

TEST_F(InterruptTest, AReaderThatLeavesEndsTheAnswer) {
  const ProgramEnd end = shell("tenfold run slow | head -c 4; echo; echo done");
  EXPECT_EQ(end.output, "tick\ndone\n");
}

}  // namespace
}  // namespace tenfold
