#include "server/apis/openai/response_format.h"

#include <gmock/gmock.h>

namespace tenfold::server::openai {
namespace {

using testing::ElementsAre;

ResponseFormat format() {
  const std::string body = R"({"model": "m", "input": "Hi", "instructions": "Be brief."})";
  return ResponseFormat(*read_response(Json::parse(body), body, Limits{}));
}

Delta text(const std::string& text) {
  Delta delta;
  delta.text = text;
  return delta;
}

/// The data of a stream's events, of which each is named by its type and numbered.
std::vector<Json> events(const std::string& stream) {
  std::vector<Json> out;
  std::size_t at = 0;
  while (at < stream.size()) {
    const std::size_t end = stream.find("\n\n", at);
    const std::string event = stream.substr(at, end - at);
    const std::size_t data = event.find("\ndata: ");
    const Json json = Json::parse(event.substr(data + 7));
    EXPECT_EQ(event.substr(0, data), "event: " + json["type"].get<std::string>());
    EXPECT_EQ(json["sequence_number"], out.size());
    out.push_back(json);
    at = end + 2;
  }
  return out;
}

std::vector<std::string> types(const std::vector<Json>& events) {
  std::vector<std::string> out;
  for (const Json& event : events) out.push_back(event["type"]);
  return out;
}

Answer whole_answer() {
  Answer answer;
  answer.reasoning = "Hm.";
  answer.text = "I look.";
  answer.tool_calls = {{"c1", "f", "{}"}};
  answer.finish = FinishReason::tool_call;
  answer.usage.prompt_tokens = 10;
  answer.usage.cached_tokens = 7;
  answer.usage.generated_tokens = 2;
  return answer;
}

TEST(ResponseFormat, EchoesTheSamplingInForceOnceItIsKnown) {
  ResponseFormat responses = format();
  Sampling asked;
  asked.temperature = 0.5;
  responses.set_sampling(asked);
  const Json early = events(responses.begin())[0]["response"];
  EXPECT_EQ(early["temperature"], 0.5);
  EXPECT_EQ(early["top_p"], nullptr) << "the model, which loads, may recommend one";
  LoadedModel model;
  model.engine = "e";
  model.info.sampling.temperature = 0.1;
  model.info.sampling.top_p = 0.9;
  responses.set_model(model);
  const Json whole = responses.whole(std::vector<Answer>{whole_answer()});
  EXPECT_EQ(whole["temperature"], 0.5);
  EXPECT_EQ(whole["top_p"], 0.9);
}

TEST(ResponseFormat, StreamsTheOfficialEvents) {
  ResponseFormat responses = format();
  Delta thought;
  thought.reasoning = "Hm.";
  Delta call;
  call.tool_calls = {{"c1", "f", "{}"}};
  std::string stream = responses.begin();
  for (const Delta& delta : {thought, text("I "), text("look."), call}) {
    stream += responses.delta(0, delta);
  }
  stream += responses.end(0, whole_answer());
  stream += responses.finish();
  const auto all = events(stream);
  EXPECT_THAT(types(all),
              ElementsAre("response.created", "response.in_progress", "response.output_item.added",
                          "response.content_part.added", "response.reasoning_text.delta",
                          "response.reasoning_text.done", "response.content_part.done",
                          "response.output_item.done", "response.output_item.added",
                          "response.content_part.added", "response.output_text.delta",
                          "response.output_text.delta", "response.output_text.done",
                          "response.content_part.done", "response.output_item.done",
                          "response.output_item.added", "response.function_call_arguments.delta",
                          "response.function_call_arguments.done", "response.output_item.done",
                          "response.completed"));
  EXPECT_EQ(all[12]["text"], "I look.");
  EXPECT_EQ(all[12]["output_index"], 1);
  EXPECT_EQ(all[12]["item_id"], all[8]["item"]["id"]);
  const Json& output = all.back()["response"]["output"];
  ASSERT_EQ(output.size(), 3U);
  EXPECT_EQ(output[0]["content"][0]["text"], "Hm.");
  EXPECT_EQ(output[1]["content"][0]["text"], "I look.");
  EXPECT_EQ(output[2]["call_id"], "c1");
}

TEST(ResponseFormat, WholeAnswersHaveTheSameItems) {
  const Answer answer = whole_answer();
  const Json json = format().whole({&answer, 1});
  EXPECT_EQ(json["status"], "completed");
  EXPECT_EQ(json["instructions"], "Be brief.");
  EXPECT_EQ(json["store"], false);
  ASSERT_EQ(json["output"].size(), 3U);
  EXPECT_EQ(json["output"][0]["type"], "reasoning");
  EXPECT_EQ(json["output"][1]["content"][0]["type"], "output_text");
  EXPECT_EQ(json["output"][2]["arguments"], "{}");
  EXPECT_EQ(json["usage"]["input_tokens_details"]["cached_tokens"], 7);
  EXPECT_EQ(json["usage"]["total_tokens"], 12);
}

TEST(ResponseFormat, AnAnswerThatWasCutIsIncomplete) {
  Answer answer;
  answer.text = "I";
  answer.finish = FinishReason::length;
  ResponseFormat responses = format();
  const auto last = events(responses.end(0, answer)).back();
  EXPECT_EQ(last["type"], "response.incomplete");
  EXPECT_EQ(last["response"]["incomplete_details"]["reason"], "max_output_tokens");
}

TEST(ResponseFormat, FailuresAndNoticesAreEvents) {
  ResponseFormat responses = format();
  std::string stream = responses.notice({"the engine died", {}});
  stream += responses.failure({ErrorCode::engine_died, "it died twice", "", {}});
  const auto all = events(stream);
  EXPECT_THAT(types(all), ElementsAre("response.in_progress", "response.failed"));
  EXPECT_EQ(all[0]["response"]["tenfold"]["notice"], "the engine died");
  EXPECT_EQ(all[1]["response"]["error"]["message"], "it died twice");
}

}  // namespace
}  // namespace tenfold::server::openai
