#include "coreml_model.h"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "formats/coreml_package.h"
#include "formats/runnable.h"
#include "generation/testing/model_calls.h"

namespace tenfold::coreml {
namespace {

using testing::FloatNear;
using testing::Pointwise;

constexpr const char* stateful = "tests/models/tiny-llama/coreml-stateful-f16/model.mlpackage";
constexpr const char* stateless = "tests/models/tiny-llama/coreml-stateless-f16/model.mlpackage";

std::unique_ptr<TokenModel> open(const char* package, int prefill_chunk = 256) {
  LoadOptions options;
  options.threads = 1;
  options.engine_options["kernels"] = std::string("exact");
  options.engine_options["prefill_chunk"] = std::int64_t{prefill_chunk};
  auto model = CoremlModel::open(resolve_file(package).value(), options, {});
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? std::move(model).value() : nullptr;
}

std::vector<TokenId> some_tokens(int count) {
  std::vector<TokenId> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back((7 * i * i + 3 * i + 5) % 512);
  return tokens;
}

TEST(CoremlModel, AnyPiecesGiveTheSameLogits) {
  const auto tokens = some_tokens(60);
  const auto whole = logits(*open(stateful), tokens);
  EXPECT_THAT(logits(*open(stateful, 7), tokens), Pointwise(FloatNear(1e-3F), whole));
  const auto model = open(stateful);
  std::vector<float> last;
  for (const TokenId token : tokens) last = logits(*model, {&token, 1});
  EXPECT_THAT(last, Pointwise(FloatNear(1e-3F), whole));
}

TEST(CoremlModel, AModelWithoutStatesGivesWhatOneWithThemGives) {
  const auto tokens = some_tokens(12);
  const auto kept = open(stateful);
  const auto anew = open(stateless);
  EXPECT_EQ(anew->preferred_step(), 512);
  const auto all = logits(*kept, tokens, true);
  EXPECT_EQ(all.size(), 12U * 512);
  EXPECT_THAT(logits(*anew, tokens, true), Pointwise(FloatNear(0.02F), all));
  kept->rewind(0, 6).value();
  anew->rewind(0, 6).value();
  const auto rest = std::span(tokens).first(2);
  EXPECT_THAT(logits(*anew, rest), Pointwise(FloatNear(0.02F), logits(*kept, rest)));
}

TEST(CoremlModel, AnInterruptEndsAPromptAndLosesNothingElse) {
  const auto tokens = some_tokens(200);
  const auto model = open(stateful);
  const auto expected = logits(*model, tokens);
  for (int delay = 0; delay < 3; ++delay) {
    model->rewind(0, 100).value();
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(delay));
      model->interrupt(true);
    });
    const Chunk chunk{0, std::span(tokens).subspan(100), false};
    const auto ended = model->evaluate({&chunk, 1});
    EXPECT_TRUE(ended.ok() || ended.error().code == ErrorCode::cancelled);
    other.join();
    model->interrupt(false);
    const auto kept = static_cast<std::size_t>(model->rewind(0, 100).value());
    EXPECT_THAT(logits(*model, std::span(tokens).subspan(kept)),
                Pointwise(FloatNear(1e-3F), expected));
  }
}

TEST(CoremlModel, ThreadsCanBeChangedBetweenSteps) {
  const auto tokens = some_tokens(20);
  const auto model = open(stateful);
  const auto expected = logits(*model, tokens);
  for (const int count : {1, 3}) {
    Adjustment adjustment;
    adjustment.threads = count;
    ASSERT_TRUE(model->adjust(adjustment).ok());
    EXPECT_EQ(model->info().threads, count);
    model->rewind(0, 0).value();
    EXPECT_THAT(logits(*model, tokens), Pointwise(FloatNear(1e-3F), expected));
  }
}

TEST(CoremlModel, SaysWhatItLoaded) {
  const ModelInfo info = open(stateful)->info();
  EXPECT_EQ(info.architecture, "llama");
  EXPECT_EQ(info.description, "llama, stateful");
  EXPECT_EQ(info.vocabulary_size, 512);
  EXPECT_EQ(info.trained_context_size, 1024);
}

TEST(CoremlModel, ALoadThatNeedsTooMuchIsRefused) {
  LoadOptions options;
  options.memory_limit = 1 << 20;
  const auto model = CoremlModel::open(resolve_file(stateful).value(), options, {});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::out_of_memory);
}

TEST(CoremlModel, ALoadCanBeCancelled) {
  const auto model = CoremlModel::open(resolve_file(stateful).value(), {},
                                       [](double share) { return share < 0.5; });
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::cancelled);
}

TEST(CoremlModel, AFunctionThatIsNotThereIsNamed) {
  LoadOptions options;
  options.engine_options["function"] = std::string("prefill");
  const auto model = CoremlModel::open(resolve_file(stateful).value(), options, {});
  ASSERT_FALSE(model.ok());
  EXPECT_EQ(model.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(model.error().message.find("no function prefill"), std::string::npos);
}

/// What each package of the tiny models becomes: in a layer two norms, two rotations, one attention
/// and one gate.
TEST(Program, PatternsOfThePackagesAreFused) {
  for (const char* folder : {"tiny-llama/coreml-stateful-f16", "tiny-llama/coreml-stateful-int4",
                             "tiny-llama/coreml-stateless-f16", "tiny-qwen3/coreml-stateful-f16"}) {
    SCOPED_TRACE(folder);
    const std::string path = std::string("tests/models/") + folder + "/model.mlpackage";
    const auto package = CoremlPackage::open(path).value();
    const MilFunction& function = package.program().functions[0];
    ConstantSource source;
    source.bytes = [&](const MilValue& value) { return package.bytes(value); };
    source.named = [](const std::string& /*name*/) -> const MilValue* { return nullptr; };
    const auto program = Program::build(function, source, path, "logits");
    ASSERT_TRUE(program.ok()) << program.error().message;
    const std::size_t layers = program->steps("fused_silu_gate");
    EXPECT_EQ(layers, 4U);
    const bool norms_heads = std::string_view(folder).starts_with("tiny-qwen3");
    EXPECT_EQ(program->steps("fused_rms_norm"), (norms_heads ? 4 : 2) * layers + 1);
    EXPECT_EQ(program->steps("fused_rotary"), 2 * layers);
    EXPECT_EQ(program->steps("fused_attention"), layers);
    EXPECT_EQ(program->steps("softmax") + program->steps("matmul"), 0U);
    EXPECT_TRUE(program->cuts_rows());
  }
}

}  // namespace
}  // namespace tenfold::coreml
