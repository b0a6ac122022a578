// Plays the text files in tests/cli/sessions: a line "$ command" is run by sh, and the lines after
// it, up to an empty one, are what it must print on standard output and error; "[N]" at the end is
// its exit code, if not 0. "{*}" stands for any text within a line, "~" for the temporary home, and
// "\" for an empty line. Lines starting with "#" are remarks.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include "program.h"

namespace tenfold {
namespace {

struct Step {
  std::string command;
  std::vector<std::string> expected;
};

std::vector<Step> read_session(const std::filesystem::path& path) {
  std::vector<Step> steps;
  std::ifstream file(path);
  bool in_step = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("$ ")) {
      steps.push_back({line.substr(2), {}});
      in_step = true;
    } else if (line.empty()) {
      in_step = false;
    } else if (in_step) {
      steps.back().expected.push_back(line == "\\" ? "" : line);
    }
  }
  return steps;
}

std::vector<std::string> lines_of(const ProgramEnd& end, const std::string& home) {
  std::string text = end.output;
  for (std::size_t at = 0; (at = text.find(home, at)) != std::string::npos;) {
    text.replace(at, home.size(), "~");
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  if (end.code != 0) lines.push_back("[" + std::to_string(end.code) + "]");
  return lines;
}

bool matches(const std::string& line, const std::string& expected) {
  const std::string any = "{*}";
  const std::size_t first = expected.find(any);
  if (first == std::string::npos) return line == expected;
  if (line.compare(0, first, expected, 0, first) != 0) return false;
  const std::string rest = expected.substr(first + any.size());
  for (std::size_t skipped = first; skipped <= line.size(); ++skipped) {
    if (matches(line.substr(skipped), rest)) return true;
  }
  return false;
}

class SessionTest : public ProgramTest,
                    public ::testing::WithParamInterface<std::filesystem::path> {};

TEST_P(SessionTest, PrintsWhatIsExpected) {
  const std::vector<Step> steps = read_session(GetParam());
  ASSERT_FALSE(steps.empty());
  for (const Step& step : steps) {
    const std::vector<std::string> lines = lines_of(shell(step.command), home_.string());
    const bool equal = std::ranges::equal(lines, step.expected, matches);
    std::string printed;
    for (const std::string& line : lines) printed += line + "\n";
    EXPECT_TRUE(equal) << GetParam() << "\n$ " << step.command << "\nprinted:\n" << printed;
  }
}

std::vector<std::filesystem::path> sessions() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/cli/sessions")) {
    paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

INSTANTIATE_TEST_SUITE_P(, SessionTest, ::testing::ValuesIn(sessions()),
                         [](const auto& test) { return test.param.stem().string(); });

}  // namespace
}  // namespace tenfold
