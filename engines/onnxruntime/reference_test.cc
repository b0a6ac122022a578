// Every ONNX fixture against tests/models/reference.json (transformers in float32).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "formats/runnable.h"
#include "onnxruntime_engine.h"

namespace tenfold {
namespace {

using nlohmann::json;

struct Fixture {
  std::string model;
  std::string form;
};
void PrintTo(const Fixture& fixture, std::ostream* out) {
  *out << fixture.model << '/' << fixture.form;
}

class Reference : public testing::TestWithParam<Fixture> {
 protected:
  void SetUp() override {
    std::ifstream file("tests/models/reference.json");
    reference_ = json::parse(file)["models"][GetParam().model];
    engine_ = make_onnxruntime_engine();
    LoadOptions options;
    options.threads = 1;
    const auto info = engine_->initialize(
        resolve_file("tests/models/" + GetParam().model + "/" + GetParam().form).value(), options,
        {});
    ASSERT_TRUE(info.ok()) << info.error().message;
    EXPECT_EQ(info->context_size, 1024);
    EXPECT_EQ("tiny-" + info->architecture, GetParam().model);
  }
  std::vector<TokenId> greedy(Prompt prompt, std::size_t count) {
    Request request;
    request.prompt = std::move(prompt);
    request.sampling.temperature = 0;
    request.max_tokens = static_cast<int>(count);
    const auto answer = engine_->generate(request);
    EXPECT_TRUE(answer.ok()) << answer.error().message;
    return answer.ok() ? answer->tokens : std::vector<TokenId>();
  }

  json reference_;
  std::unique_ptr<Engine> engine_;
};

/// Quantized weights part from the reference on free text.
class FloatReference : public Reference {};

TEST_P(Reference, KnownAnswersAreExact) {
  ASSERT_FALSE(reference_["known"].empty());
  for (const json& known : reference_["known"]) {
    std::vector<Message> messages;
    for (const json& message : known["messages"]) {
      messages.push_back({message["role"], message["content"]});
    }
    const auto prepared = engine_->prepare(messages);
    ASSERT_TRUE(prepared.ok()) << prepared.error().message;
    EXPECT_EQ(prepared->text, known["prompt"]);
    EXPECT_EQ(prepared->tokens, known["prompt_ids"].get<std::vector<TokenId>>());
    const auto expected = known["answer_ids"].get<std::vector<TokenId>>();
    EXPECT_EQ(greedy(messages, expected.size() + 1), expected) << known["prompt"];
  }
}

TEST_P(FloatReference, FreeTextsAndScoresAreExact) {
  for (const json& free : reference_["free"]) {
    const auto expected = free["ids"].get<std::vector<TokenId>>();
    EXPECT_EQ(greedy(free["prompt_ids"].get<std::vector<TokenId>>(), expected.size()), expected)
        << free["prompt"];
  }
  for (const json& scored : reference_["score"]) {
    const auto scores = engine_->score(scored["ids"].get<std::vector<TokenId>>());
    ASSERT_TRUE(scores.ok()) << scores.error().message;
    EXPECT_THAT(*scores, testing::Pointwise(testing::DoubleNear(1e-3),
                                            scored["logprobs"].get<std::vector<double>>()));
  }
}

std::string name_of(const testing::TestParamInfo<Fixture>& test) {
  std::string name = test.param.model + "_" + test.param.form;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    , Reference,
    testing::Values(Fixture{"tiny-llama", "onnx-f32"}, Fixture{"tiny-llama", "onnx-int8"},
                    Fixture{"tiny-llama", "onnx-int4"}, Fixture{"tiny-llama", "onnx-q4f16"},
                    Fixture{"tiny-llama", "onnx-bnb4"}, Fixture{"tiny-llama", "genai-f32"},
                    Fixture{"tiny-llama", "genai-int4"}, Fixture{"tiny-qwen3", "onnx-f32"},
                    Fixture{"tiny-qwen3", "genai-int4"}),
    name_of);
INSTANTIATE_TEST_SUITE_P(, FloatReference,
                         testing::Values(Fixture{"tiny-llama", "onnx-f32"},
                                         Fixture{"tiny-llama", "genai-f32"},
                                         Fixture{"tiny-qwen3", "onnx-f32"}),
                         name_of);

}  // namespace
}  // namespace tenfold
