#include <gmock/gmock.h>

#include "server/apis/openai/completion_format.h"
#include "server/apis/openai/completion_request.h"

namespace tenfold::server::openai {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

Result<CompletionFields> read(const std::string& body) {
  return read_completion(Json::parse(body));
}

TEST(CompletionRequest, ReadsWhatItKnows) {
  const auto fields = read(R"({"model": "m", "prompt": "Once", "temperature": 0, "logprobs": 2,
                               "stop": ["x"], "best_of": 1, "echo": false, "suffix": ""})");
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  const auto requests = one_a_choice(*fields);
  ASSERT_EQ(requests.size(), 1U);
  EXPECT_EQ(std::get<std::string>(requests[0].prompt), "Once");
  EXPECT_EQ(requests[0].logprobs, 2);
  EXPECT_EQ(requests[0].max_tokens, 16);
  EXPECT_FALSE(requests[0].split_reasoning);
}

TEST(CompletionRequest, EveryPromptHasItsChoices) {
  const auto fields = read(R"({"prompt": ["a", "b"], "n": 2, "seed": 5, "max_tokens": 3})");
  ASSERT_TRUE(fields.ok()) << fields.error().message;
  const auto requests = one_a_choice(*fields);
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(std::get<std::string>(requests[1].prompt), "a");
  EXPECT_EQ(std::get<std::string>(requests[2].prompt), "b");
  EXPECT_EQ(requests[3].sampling.seed, 6U);
}

TEST(CompletionRequest, PromptsMayBeTokens) {
  using Tokens = std::vector<TokenId>;
  EXPECT_EQ(std::get<Tokens>(read(R"({"prompt": [1, 2]})")->prompts[0]), (Tokens{1, 2}));
  const auto several = read(R"({"prompt": [[1, 2], [3]]})");
  ASSERT_EQ(several->prompts.size(), 2U);
  EXPECT_EQ(std::get<Tokens>(several->prompts[1]), Tokens{3});
}

struct Refused {
  const char* body;
  const char* message;
};

class CompletionRefusal : public testing::TestWithParam<Refused> {};

TEST_P(CompletionRefusal, NamesTheField) {
  const auto fields = read(GetParam().body);
  ASSERT_FALSE(fields.ok());
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, CompletionRefusal,
    testing::Values(Refused{R"({})", "prompt is missing"},
                    Refused{R"({"prompt": []})", "prompt has no element"},
                    Refused{R"({"prompt": {"a": 1}})", "prompt must be a string"},
                    Refused{R"({"prompt": ["a", 1]})", "prompt[1] must be a string"},
                    Refused{R"({"prompt": [1, "a"]})", "prompt[1]"},
                    Refused{R"({"prompt": "a", "echo": true})", "echo is not supported"},
                    Refused{R"({"prompt": "a", "suffix": "b"})", "suffix is not supported"},
                    Refused{R"({"prompt": "a", "best_of": 3})", "best_of is not supported"},
                    Refused{R"({"prompt": "a", "messages": []})", "messages is not a known field"},
                    Refused{R"({"prompt": "a", "regex": "a", "grammar": "b"})", "not several"},
                    Refused{R"({"prompt": ["a","a","a","a","a"], "n": 16})",
                            "asks for 80 answers; the limit is 64"}));

Answer answer(int prompt_tokens, int generated_tokens) {
  Answer answer;
  answer.text = "x";
  answer.finish = FinishReason::length;
  answer.usage.prompt_tokens = prompt_tokens;
  answer.usage.generated_tokens = generated_tokens;
  return answer;
}

TEST(CompletionFormat, CountsEveryPromptOnce) {
  CompletionFormat format(*read(R"({"prompt": ["a", "b"], "n": 2})"));
  const Answer answers[] = {answer(3, 1), answer(3, 2), answer(5, 1), answer(5, 1)};
  const Json json = format.whole(answers);
  EXPECT_EQ(json["object"], "text_completion");
  EXPECT_EQ(json["choices"].size(), 4U);
  EXPECT_EQ(json["choices"][3]["index"], 3);
  EXPECT_EQ(json["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(json["choices"][0]["logprobs"], nullptr);
  EXPECT_EQ(json["usage"]["prompt_tokens"], 8);
  EXPECT_EQ(json["usage"]["completion_tokens"], 5);
}

TEST(CompletionFormat, LogprobsHaveTheirPlaceInTheText) {
  CompletionFormat format(*read(R"({"prompt": "a", "logprobs": 1, "stream": true})"));
  Delta first;
  first.text = "é";
  first.logprobs = {{1, "\xC3", -1.0, {{2, "b", -2.0, {}}}}, {3, "\xA9", -3.0, {}}};
  Delta second;
  second.text = "c";
  second.logprobs = {{4, "c", -1.5, {}}};
  const Json one = Json::parse(format.delta(0, first).substr(6))["choices"][0];
  EXPECT_EQ(one["text"], "é");
  EXPECT_EQ(one["logprobs"], Json::parse(R"({"tokens": ["bytes:\\xc3", "bytes:\\xa9"],
      "token_logprobs": [-1.0, -3.0], "top_logprobs": [{"b": -2.0}, {}], "text_offset": [0, 1]})"));
  const Json two = Json::parse(format.delta(0, second).substr(6))["choices"][0];
  EXPECT_EQ(two["logprobs"]["text_offset"], Json::array({1}));
}

TEST(CompletionFormat, AStreamEndsWithItsUsage) {
  CompletionFormat format(
      *read(R"({"prompt": "a", "stream": true, "stream_options": {"include_usage": true}})"));
  EXPECT_THAT(format.end(0, answer(3, 1)), HasSubstr(R"("finish_reason":"length")"));
  const std::string last = format.finish();
  EXPECT_THAT(last, HasSubstr(R"("prompt_tokens":3)"));
  EXPECT_THAT(last, EndsWith("data: [DONE]\n\n"));
}

}  // namespace
}  // namespace tenfold::server::openai
