// The tiny model through the whole program: template, stop, and the turns of a conversation.
#include <fstream>
#include <nlohmann/json.hpp>

#include "program.h"

namespace tenfold {
namespace {

/// tests/parity/questions.json: conversations of questions and their right answers.
nlohmann::json conversations() {
  std::ifstream file("tests/parity/questions.json");
  return nlohmann::json::parse(file);
}

class QuestionsTest : public ProgramTest {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(home_ / name, std::ios::binary) << text;
  }

  /// Asks with `command`, the questions on its standard input.
  ProgramEnd ask(const std::string& command, const nlohmann::json& conversation) {
    std::string questions;
    for (const auto& turn : conversation.at("turns")) {
      questions += turn.at(0).get<std::string>() + "\n";
    }
    write("questions", questions);
    write("system", conversation.value("system", ""));
    return shell("tenfold " + command +
                 " -m $MODELS/tiny-llama/tiny-llama-f32.gguf --threads 1 --temperature 0 "
                 "--system \"$(cat system)\" < questions 2> errors");
  }

  static std::string right_answers(const nlohmann::json& conversation) {
    std::string answers;
    for (const auto& turn : conversation.at("turns")) {
      const auto answer = turn.at(1).get<std::string>();
      if (!answer.empty()) answers += answer + "\n";
    }
    return answers;
  }
};

TEST_F(QuestionsTest, ThirtyAreAnsweredRight) {
  std::size_t questions = 0;
  for (const auto& conversation : conversations()) {
    const std::size_t turns = conversation.at("turns").size();
    const ProgramEnd end = ask(turns == 1 ? "run" : "chat", conversation);
    EXPECT_EQ(end.code, 0) << conversation;
    EXPECT_EQ(end.output, right_answers(conversation)) << conversation;
    questions += turns;
  }
  EXPECT_EQ(questions, 30U);
}

}  // namespace
}  // namespace tenfold
