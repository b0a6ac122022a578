// The small parts that have no state: exit codes, control characters, typed lines.
#include <gmock/gmock.h>

#include "cli/chat_commands.h"
#include "cli/console.h"
#include "cli/input_assembler.h"

namespace tenfold {
namespace {

TEST(ExitCodes, ByClass) {
  EXPECT_EQ(exit_code(ErrorCode::invalid_argument), ExitCode::usage);
  EXPECT_EQ(exit_code(ErrorCode::bad_model), ExitCode::model);
  EXPECT_EQ(exit_code(ErrorCode::unavailable), ExitCode::engine_unavailable);
  EXPECT_EQ(exit_code(ErrorCode::context_exceeded), ExitCode::out_of_resource);
  EXPECT_EQ(exit_code(ErrorCode::cancelled), ExitCode::interrupted);
  EXPECT_EQ(exit_code(ErrorCode::engine_died), ExitCode::request_failed);
  EXPECT_EQ(exit_code(FinishReason::length), ExitCode::ok);
  EXPECT_EQ(exit_code(FinishReason::cancelled), ExitCode::interrupted);
  EXPECT_EQ(exit_code(FinishReason::context_full), ExitCode::out_of_resource);
  EXPECT_EQ(exit_code(FinishReason::deadline), ExitCode::request_failed);
}

TEST(Console, ControlCharactersAreRemoved) {
  EXPECT_EQ(without_controls("a\x1b[2Jb\tc\n\r\x7f"), "a[2Jb\tc\n");
  EXPECT_EQ(without_controls("\xC2\x9B"
                             "31mé\xC2\xA0x"),
            "31mé\xC2\xA0x");
}

std::vector<std::string> assemble(const std::vector<std::string>& lines) {
  InputAssembler assembler;
  std::vector<std::string> inputs;
  for (const std::string& line : lines) {
    if (const auto input = assembler.push(line)) inputs.push_back(*input);
  }
  return inputs;
}

TEST(InputAssembler, JoinsLines) {
  using ::testing::ElementsAre;
  EXPECT_THAT(assemble({"a", "b"}), ElementsAre("a", "b"));
  EXPECT_THAT(assemble({"a\\", "b\\", "c", "d"}), ElementsAre("a\nb\nc", "d"));
  EXPECT_THAT(assemble({"\"\"\"", "a", "", "b\\", "\"\"\"", "c"}), ElementsAre("a\n\nb\\", "c"));
  EXPECT_THAT(assemble({"\"\"\"a", "b\"\"\""}), ElementsAre("a\nb"));
  EXPECT_THAT(assemble({"\"\"\"a\"\"\"", "b"}), ElementsAre("a", "b"));
}

TEST(InputAssembler, CanBeCleared) {
  InputAssembler assembler;
  assembler.push("a\\");
  EXPECT_TRUE(assembler.pending());
  assembler.clear();
  EXPECT_FALSE(assembler.pending());
  EXPECT_EQ(assembler.push("b"), "b");
}

TEST(ChatCommands, Split) {
  const ChatCommandLine line = split_chat_command("/set  top-k  5 ");
  EXPECT_EQ(line.name, "/set");
  EXPECT_EQ(line.rest, "top-k  5");
  EXPECT_EQ(split_chat_command("/help").rest, "");
  EXPECT_EQ(split_chat_command("/help ").name, "/help");
}

}  // namespace
}  // namespace tenfold
