#include "engine/table.h"

#include <gtest/gtest.h>

#include <set>

#include "tenfold/token_model.h"

namespace tenfold {
namespace {

TEST(Table, HasTheTenEnginesInTheirFixedOrder) {
  const std::vector<std::string_view> ids{
      "llama_cpp",          "coreml",          "mlx",    "mlc",
      "onnxruntime",        "executorch",      "litert", "picollm",
      "swift_transformers", "apple_foundation"};
  ASSERT_EQ(engine_table().size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const EngineEntry& entry = engine_table()[i];
    EXPECT_EQ(entry.id, ids[i]);
    EXPECT_EQ(find_engine(ids[i]), &entry);
    EXPECT_FALSE(entry.title.empty() || entry.formats.empty());
    EXPECT_FALSE(entry.how_to_get.empty() || entry.why_absent.empty());
    EXPECT_EQ(entry.notice.empty(), !entry.traits.needs_network) << "nobody is asked unawares";
  }
  EXPECT_EQ(find_engine("vllm"), nullptr);
#ifdef __linux__
  EXPECT_FALSE(find_engine("apple_foundation")->exists_here);
#endif
}

TEST(Table, RequestOptionsHaveOneSpelling) {
  const std::set<std::string_view> core(core_request_options().begin(),
                                        core_request_options().end());
  EXPECT_EQ(core.size(), core_request_options().size());
  for (const EngineEntry& entry : engine_table()) {
    for (const auto option : entry.request_options) EXPECT_TRUE(core.contains(option)) << option;
  }
}

TEST(Table, KnowsTheModelThatIsPartOfASystem) {
  EXPECT_EQ(find_built_in_model("apple-foundation")->id, "apple_foundation");
  EXPECT_EQ(find_built_in_model(""), nullptr);
  EXPECT_EQ(find_built_in_model("gemma"), nullptr);
}

TEST(Table, KnowsWhoHasAnOption) {
  EXPECT_EQ(engines_with_option("grammar"),
            "llama.cpp, Core ML (MIL runtime), MLX, MLC-LLM, ONNX Runtime, ExecuTorch, LiteRT, "
            "Swift Transformers");
  EXPECT_EQ(engines_with_option("telepathy"), "");
}

TEST(Table, KnowsWhoOpensAFormatAndWhyNobodyDoes) {
  ASSERT_EQ(engines_for_format("litertlm").size(), 1U);
  EXPECT_EQ(engines_for_format("litertlm")[0]->id, "litert");
  EXPECT_EQ(engines_for_format("task"), engines_for_format("litertlm"));
  EXPECT_EQ(engines_for_format("mlpackage").size(), 2U);
  EXPECT_EQ(engines_for_format("mlmodelc").size(), 2U);
  ASSERT_EQ(engines_for_format("anemll").size(), 1U);
  EXPECT_EQ(engines_for_format("anemll")[0]->id, "coreml");
  for (const char* format : {"tokenizer", "", "tflite,litertlm", "ml"}) {
    EXPECT_TRUE(engines_for_format(format).empty()) << format;
    EXPECT_EQ(no_engine_opens(format).code, ErrorCode::unsupported);
  }
  EXPECT_NE(no_engine_opens("tokenizer").hint.find("own file or folder"), std::string::npos);
}

TEST(Contract, RatesNeedTimeAndIntervals) {
  Usage usage;
  EXPECT_EQ(usage.prefill_tokens_per_second(), 0);
  EXPECT_EQ(usage.decode_tokens_per_second(), 0);
  usage = {30, 10, 11, 0, 0.5, 0.5, 2.0, 0};
  EXPECT_EQ(usage.prefill_tokens_per_second(), 40);
  EXPECT_EQ(usage.decode_tokens_per_second(), 5);
  usage.answered_tokens = 4;
  EXPECT_EQ(usage.prefill_tokens_per_second(), 48);
  EXPECT_EQ(usage.decode_tokens_per_second(), 3);
  usage.answered_tokens = 0;
  usage.generated_tokens = 1;
  EXPECT_EQ(usage.decode_tokens_per_second(), 0);
}

TEST(Contract, EmbeddingsAreUnsupportedUnlessGiven) {
  struct Plain : TokenModel {
    const ModelInfo& info() const override { std::abort(); }
    const Tokenizer& tokenizer() const override { std::abort(); }
    Result<std::span<const float>> evaluate(std::span<const Chunk>) override { std::abort(); }
    Result<int> rewind(int, int) override { std::abort(); }
  } model;
  EXPECT_EQ(model.embed({}).error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace tenfold
