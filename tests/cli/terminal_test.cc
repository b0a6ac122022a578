// The chat on a terminal: line editing, history, Ctrl-C and Ctrl-D.
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/files.h"
#include "program.h"

namespace tenfold {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using TerminalTest = ProgramTest;

constexpr const char* backspace = "\x7f";
constexpr const char* up = "\x1b[A";
constexpr const char* control_c = "\x03";
constexpr const char* control_d = "\x04";
constexpr const char* leave = "/exit\r";

TEST_F(TerminalTest, EditsAndRemembersLines) {
  const pid_t child = start_on_terminal("exec tenfold chat");
  wait_for_output("> ");
  type(std::string("hé🙂x") + backspace + "!\r");
  wait_for_output("You said: hé🙂!.");
  type("again\r");
  wait_for_output("You said: again.");
  type(std::string(up) + up + "?\r");
  wait_for_output("You said: hé🙂!?.");
  type(leave);
  EXPECT_EQ(finish(child).code, 0);
}

TEST_F(TerminalTest, TheHistoryIsKeptAndPrivate) {
  pid_t child = start_on_terminal("exec tenfold chat");
  wait_for_output("> ");
  type("hello\r");
  wait_for_output("You said: hello.");
  type(leave);
  EXPECT_EQ(finish(child).code, 0);
  child = start_on_terminal("exec tenfold chat");
  wait_for_output("> ");
  type(std::string(up) + up + " back\r");
  wait_for_output("You said: hello back.");
  type(leave);
  finish(child);
  for (const char* file : {"data/chat_history", "data/conversations.db"}) {
    EXPECT_EQ(std::filesystem::status(home_ / file).permissions() &
                  (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
              std::filesystem::perms::none)
        << file;
  }
}

TEST_F(TerminalTest, TheHistoryHasNoSecret) {
  const pid_t child = start_on_terminal("exec tenfold chat");
  wait_for_output("> ");
  type("/set engine-option access_key=sk-12\r");
  wait_for_output("a secret cannot be written out");
  type("hello\r");
  wait_for_output("You said: hello.");
  type(leave);
  finish(child);
  const std::string history = read_file(home_ / "data/chat_history", 1 << 20).value();
  EXPECT_THAT(history, AllOf(HasSubstr("hello"), Not(HasSubstr("sk-12"))));
}

TEST_F(TerminalTest, ASecretIsAskedForWithoutEcho) {
  pid_t child = start_on_terminal("exec tenfold chat --engine-option access_key=-");
  wait_for_output("--engine-option access_key (what you type is not shown): ");
  type(std::string("sk-12x") + backspace + "\r");
  wait_for_output("the engine llama_cpp has no option \"access_key\"");
  EXPECT_THAT(finish(child).output, Not(HasSubstr("sk-12")));
  child = start_on_terminal("tenfold serve --api-key -; stty -a");
  wait_for_output("what you type is not shown");
  type(control_c);
  EXPECT_THAT(finish(child).output,
              AllOf(HasSubstr("nothing was typed"), HasSubstr(" echo "), HasSubstr(" icanon ")));
}

TEST_F(TerminalTest, TheServerAsksForItsKeyOnce) {
  const pid_t child = start_on_terminal("exec tenfold serve --port 0 --api-key -");
  wait_for_output("(what you type is not shown): ");
  type("a-key-of-some-length\r");
  wait_for_output("listening on ");
  type(control_c);
  const ProgramEnd end = finish(child);
  EXPECT_EQ(end.output.find("not shown"), end.output.rfind("not shown"));
  EXPECT_THAT(end.output, Not(HasSubstr("a-key-of")));
}

TEST_F(TerminalTest, ControlCClearsTheLineThenLeaves) {
  const pid_t child = start_on_terminal("exec tenfold chat");
  wait_for_output("> ");
  type(std::string("abc") + control_c);
  wait_for_output("press Ctrl-C again to leave");
  type("def\r");
  wait_for_output("You said: def.\r\n");
  type(control_c);
  wait_for_output("press Ctrl-C again to leave", 2);
  type(control_c);
  EXPECT_EQ(finish(child).code, 130);
}

TEST_F(TerminalTest, ControlCStopsAnAnswer) {
  const pid_t child = start_on_terminal("exec tenfold chat");
  wait_for_output("> ");
  type("slow\r");
  wait_for_output("tick");
  type(control_c);
  wait_for_output("the answer was stopped");
  type("hello\r");
  wait_for_output("You said: hello.");
  type(leave);
  EXPECT_EQ(finish(child).code, 0);
}

TEST_F(TerminalTest, ControlDLeaves) {
  const pid_t child = start_on_terminal("exec tenfold chat");
  wait_for_output("> ");
  ::usleep(100'000);  // the prompt is shown just before keys are read one by one
  type(control_d);
  EXPECT_EQ(finish(child).code, 0);
}

TEST_F(TerminalTest, AModelCannotCommandTheTerminal) {
  const pid_t child = start_on_terminal(
      "exec tenfold run \"a$(printf '\\033')[31mb think\" "
      "--show-reasoning");
  const ProgramEnd end = finish(child);
  EXPECT_THAT(end.output, HasSubstr("You said: a[31mb think."));
  EXPECT_THAT(end.output, Not(HasSubstr("\x1b[31m")));
  EXPECT_THAT(end.output, HasSubstr("\x1b[2mhmm\x1b[0m"));
  EXPECT_THAT(end.output, HasSubstr("tok/s"));
}

}  // namespace
}  // namespace tenfold
