// The committed models answer as tests/models/reference.json says, however the prompt is cut.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "formats/runnable.h"
#include "generation/core_engine.h"
#include "litert_engine.h"
#include "testing/model_fixture.h"

namespace tenfold::litert {
namespace {

using nlohmann::json;

json reference(const std::string& path) {
  std::ifstream file("tests/models/reference.json");
  const bool llama = path.find("tiny-llama") != std::string::npos;
  return json::parse(file)["models"][llama ? "tiny-llama" : "tiny-qwen3"];
}

std::vector<Message> messages_of(const json& known) {
  std::vector<Message> messages;
  for (const json& message : known["messages"]) {
    messages.push_back({message["role"], message["content"]});
  }
  return messages;
}

class Answers : public ModelFixture, public testing::WithParamInterface<std::string> {
 protected:
  void load() {
    engine_ = make_litert_engine();
    LoadOptions options;
    options.threads = 1;
    const auto info = engine_->initialize(resolve_file(GetParam()).value(), options, {});
    ASSERT_TRUE(info.ok()) << info.error().message;
  }
  std::unique_ptr<Engine> engine_;
};

TEST_P(Answers, KnownAnswersAreExact) {
  load();
  const json model = reference(GetParam());
  for (const json& known : model["known"]) {
    Request request;
    request.prompt = messages_of(known);
    request.sampling.temperature = 0;
    const auto prompt = engine_->prepare(request.prompt);
    ASSERT_TRUE(prompt.ok()) << prompt.error().message;
    EXPECT_EQ(prompt->text, known["prompt"]);
    EXPECT_EQ(prompt->tokens, known["prompt_ids"].get<std::vector<TokenId>>());
    const auto answer = engine_->generate(request);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->tokens, known["answer_ids"].get<std::vector<TokenId>>()) << known["prompt"];
    EXPECT_EQ(answer->text, known["answer"]);
    EXPECT_EQ(to_string(answer->finish), "stop");
  }
  EXPECT_GT(model["known"].size(), 30U);
}

TEST_P(Answers, ScoresAsTheReferenceInF32) {
  if (GetParam().find("f32") == std::string::npos) GTEST_SKIP() << "quantized";
  load();
  const json model = reference(GetParam());
  for (const json& score : model["score"]) {
    const auto values = engine_->score(score["ids"].get<std::vector<TokenId>>());
    ASSERT_TRUE(values.ok()) << values.error().message;
    ASSERT_EQ(values->size(), score["logprobs"].size());
    for (std::size_t i = 0; i < values->size(); ++i) {
      EXPECT_NEAR((*values)[i], score["logprobs"][i].get<double>(), 1e-3);
    }
  }
}

TEST_P(Answers, CutsAndRewindsChangeNothing) {
  const auto model = open(GetParam());
  std::vector<TokenId> tokens;
  const json model_reference = reference(GetParam());
  for (const json& known : model_reference["known"]) {
    for (const json& id : known["prompt_ids"]) tokens.push_back(id);
    if (tokens.size() > 150) break;
  }
  const auto near = [](const std::vector<float>& left, const std::vector<float>& right) {
    EXPECT_THAT(left, testing::Pointwise(testing::FloatNear(2e-3F), right));
  };
  const std::span<const TokenId> all = tokens;
  const auto whole = logits(*model, all);
  const auto width = static_cast<std::size_t>(model->info().vocabulary_size);
  EXPECT_EQ(whole.size(), width);
  for (const int kept : {0, 1, 63, 100}) {
    const auto length = static_cast<std::size_t>(kept);
    EXPECT_EQ(*model->rewind(0, kept), kept);
    near(logits(*model, all.subspan(length)), whole);
    EXPECT_EQ(*model->rewind(0, kept), kept);
    for (std::size_t at = length; at + 7 < all.size(); at += 7) {
      (void)logits(*model, all.subspan(at, 7));
    }
    EXPECT_EQ(*model->rewind(0, static_cast<int>(all.size()) - 8),
              static_cast<int>(all.size()) - 8);
    near(logits(*model, all.last(8)), whole);
  }
  for (const std::size_t length : {8U, 16U, 32U, 64U, 128U}) {  // those of the prefill signatures
    EXPECT_EQ(*model->rewind(0, 0), 0);
    const auto full = logits(*model, all.first(length));
    EXPECT_EQ(*model->rewind(0, static_cast<int>(length) - 1), static_cast<int>(length) - 1);
    near(logits(*model, all.subspan(length - 1, 1)), full);
  }
  EXPECT_EQ(*model->rewind(0, 0), 0);
  const auto rows = logits(*model, all, true);
  ASSERT_EQ(rows.size(), width * all.size());
  near({rows.end() - static_cast<std::ptrdiff_t>(width), rows.end()}, whole);
}

TEST_P(Answers, TheContextFillsToItsLastToken) {
  const auto model = open(GetParam());
  const auto context = static_cast<std::size_t>(model->info().context_size);
  const std::vector<TokenId> tokens(context, 300);
  EXPECT_FALSE(logits(*model, std::span(tokens).first(context - 3)).empty());
  EXPECT_FALSE(logits(*model, std::span(tokens).first(3)).empty());
  const TokenId one = 300;
  const Chunk chunk{0, {&one, 1}, false};
  const auto refused = model->evaluate({&chunk, 1});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::context_exceeded);
  EXPECT_THAT(refused.error().message, testing::HasSubstr(std::to_string(context)));
}

INSTANTIATE_TEST_SUITE_P(, Answers, testing::Values(tiny_f32, tiny_int8, tiny_bundle, tiny_qwen3),
                         [](const auto& test) {
                           const std::filesystem::path folder =
                               std::filesystem::path(test.param).parent_path();
                           std::string name = folder.parent_path().filename().string() + "_" +
                                              folder.filename().string();
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace tenfold::litert
