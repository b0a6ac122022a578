#include "cli/completion.h"

#include <gmock/gmock.h>

#include <sstream>

#include "base/run_child.h"
#include "cli/options.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

TEST(Completion, EveryShellKnowsEveryOption) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion_script(shell).value();
    for (const Option& option : option_table()) {
      EXPECT_THAT(script, HasSubstr(std::string(shell == std::string("fish") ? "-l " : "--") +
                                    std::string(option.name)))
          << shell;
    }
  }
  EXPECT_FALSE(completion_script("tcsh").ok());
}

/// What bash would offer after these words; the last is the one being typed.
std::string offered(const std::string& words) {
  const std::string script = completion_script("bash").value() +
                             "tenfold() { echo my-model; }\n"
                             "COMP_WORDS=(" +
                             words + ")\n" +
                             "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
                             "_tenfold; echo \"${COMPREPLY[*]}\" >&2";
  return run_child({"bash", "-c", script}, ChildOutput::hidden, {}).value().last_lines;
}

TEST(Completion, BashOffersWhatCanCome) {
  EXPECT_EQ(offered("tenfold sea"), "search\n");
  EXPECT_EQ(offered("tenfold run --max-t"), "--max-tokens\n");
  EXPECT_EQ(offered("tenfold list --max-t"), "\n") << "list has no such option";
  EXPECT_EQ(offered("tenfold run --engine ll"), "llama_cpp\n");
  EXPECT_EQ(offered("tenfold chat -m my"), "my-model\n");
  EXPECT_EQ(offered("tenfold rm ''"), "my-model\n");
}

/// In troff a line that starts with a dot is a request.
TEST(ManualPage, HasEveryOptionAndNoAccidentalRequests) {
  const std::string page = manual_page();
  for (const Option& option : option_table())
    EXPECT_THAT(page, HasSubstr(std::string(option.help.substr(0, 5))));
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(".")) {
      EXPECT_THAT(line, ::testing::ContainsRegex("^[.](TH|SH|SS|TP|PP|B|I|nf|fi)( |$)"));
    }
  }
}

}  // namespace
}  // namespace tenfold
