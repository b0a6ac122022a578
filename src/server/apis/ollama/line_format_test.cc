#include "server/apis/ollama/line_format.h"

#include <gtest/gtest.h>

namespace tenfold::server::ollama {
namespace {

using Kind = LineFormat::Kind;

AnswerFields fields() {
  AnswerFields fields;
  fields.use.model = "m";
  return fields;
}

Answer answer() {
  Answer answer;
  answer.text = "Hi";
  answer.reasoning = "Hm";
  answer.tool_calls = {{"c1", "f", R"({"a":1})"}};
  answer.finish = FinishReason::length;
  answer.usage.prompt_tokens = 5;
  answer.usage.generated_tokens = 2;
  answer.usage.prefill_seconds = 0.25;
  return answer;
}

TEST(OllamaFormat, AStreamHasALineForEachPiece) {
  LineFormat format(Kind::chat, fields());
  EXPECT_EQ(format.begin(), "");
  Delta delta;
  EXPECT_EQ(format.delta(0, delta), "");
  delta.text = "Hi";
  const std::string line = format.delta(0, delta);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const Json json = Json::parse(line);
  EXPECT_EQ(json["message"]["content"], "Hi");
  EXPECT_EQ(json["done"], false);
  const Json end = Json::parse(format.end(0, answer()));
  EXPECT_EQ(end["done"], true);
  EXPECT_EQ(end["message"]["content"], "");
}

TEST(OllamaFormat, AWholeReplyHasAnswerAndCounts) {
  const Answer one = answer();
  const Json json = LineFormat(Kind::chat, fields()).whole({&one, 1});
  EXPECT_EQ(json["message"]["thinking"], "Hm");
  EXPECT_EQ(json["message"]["tool_calls"][0]["function"]["arguments"]["a"], 1);
  EXPECT_EQ(json["done_reason"], "length");
  EXPECT_EQ(json["prompt_eval_count"], 5);
  EXPECT_EQ(json["prompt_eval_duration"], 250'000'000);
  EXPECT_EQ(json["eval_count"], 2);
  EXPECT_EQ(json["tenfold"]["finish"], "length");
  EXPECT_EQ(json["tenfold"]["dropped_tokens"], 0);
  EXPECT_EQ(LineFormat(Kind::generate, fields()).whole({&one, 1})["response"], "Hi");
}

TEST(OllamaFormat, ThoughtsMayBeLeftOut) {
  AnswerFields without = fields();
  without.show_thinking = false;
  LineFormat format(Kind::chat, without);
  Delta thought;
  thought.reasoning = "Hm";
  EXPECT_EQ(format.delta(0, thought), "");
  const Answer one = answer();
  EXPECT_FALSE(format.whole({&one, 1})["message"].contains("thinking"));
}

TEST(OllamaFormat, SilenceIsFilledWithNothing) {
  const Json json = Json::parse(LineFormat(Kind::generate, fields()).keep_alive());
  EXPECT_EQ(json["response"], "");
  EXPECT_EQ(json["done"], false);
}

TEST(OllamaFormat, AFailedStreamEndsWithTheError) {
  LineFormat format(Kind::chat, fields());
  EXPECT_EQ(format.failure(fail(ErrorCode::engine_died, "it died", "ask again")),
            "{\"error\":\"it died (ask again)\"}\n");
}

TEST(OllamaFormat, TimesAreInUtc) {
  using std::chrono::milliseconds;
  EXPECT_EQ(timestamp(std::chrono::system_clock::time_point(milliseconds(1'500))),
            "1970-01-01T00:00:01.500Z");
}

}  // namespace
}  // namespace tenfold::server::ollama
