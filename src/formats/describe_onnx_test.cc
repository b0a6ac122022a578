// Which of several ONNX files is the model, what is said of it, and what is refused before a load.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "formats/describe.h"
#include "formats/onnx_builder.h"
#include "formats/onnx_names.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

constexpr std::int64_t any = OnnxValue::symbolic;

/// What reads prompts for smallest_decoder().
OnnxBuilder prompt_part() {
  return OnnxBuilder()
      .input({"input_ids", OnnxType::int64, {1, any}})
      .output({"logits", OnnxType::float32, {1, any, 512}})
      .output({"present.0.key", OnnxType::float32, {1, 1, any, 8}});
}

OnnxBuilder::External in_file(const std::string& name) { return {name, "", ""}; }

class DescribeOnnx : public testing::Test {
 protected:
  DescribeOnnx() { fs::create_directories(folder_ / "onnx"); }
  ~DescribeOnnx() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
  }
  void write(const std::string& name, const OnnxBuilder& graph) { write(name, graph.build()); }
  [[nodiscard]] ModelDescription describe(const std::string& name = "") const {
    auto model = describe_model(name.empty() ? folder_ : folder_ / name);
    EXPECT_TRUE(model.ok()) << model.error().message;
    return model.ok() ? std::move(model).value() : ModelDescription();
  }
  [[nodiscard]] Error refused(const std::string& name = "") const {
    const auto model = describe_model(name.empty() ? folder_ : folder_ / name);
    if (!model.ok()) return model.error();
    EXPECT_TRUE(model->refusal.has_value()) << name;
    return model->refusal.value_or(Error());
  }

  fs::path folder_ =
      fs::temp_directory_path() / ("tenfold-describe-onnx-" + std::to_string(::getpid()));
};

TEST_F(DescribeOnnx, OfSeveralPrecisionsTheFullOneAndTheOthersAreNamed) {
  for (const char* name : {"model.onnx", "model_q4.onnx", "model_fp16.onnx"}) {
    write(std::string("onnx/") + name, smallest_decoder());
  }
  EXPECT_EQ(describe().file, folder_ / "onnx/model.onnx");
  EXPECT_EQ(describe().details, "beside model_fp16.onnx, model_q4.onnx");
  EXPECT_EQ(describe("onnx/model_q4.onnx").file, folder_ / "onnx/model_q4.onnx");
  for (int i = 25; i > 10; --i) write(fmt::format("onnx/x{}.onnx", i), "");
  EXPECT_EQ(describe().details,
            "beside model_fp16.onnx, model_q4.onnx, x11.onnx, x12.onnx, x13.onnx, x14.onnx, "
            "x15.onnx, x16.onnx, x17.onnx, x18.onnx, x19.onnx, x20.onnx and 5 more");
  for (int i = 25; i > 10; --i) fs::remove(folder_ / fmt::format("onnx/x{}.onnx", i));
  fs::remove(folder_ / "onnx/model.onnx");
  EXPECT_THAT(refused().message, HasSubstr("several models: model_fp16.onnx, model_q4.onnx"));
  fs::remove(folder_ / "onnx/model_fp16.onnx");
  EXPECT_EQ(describe().file, folder_ / "onnx/model_q4.onnx");
  EXPECT_EQ(describe().details, "");
}

TEST_F(DescribeOnnx, TwoDecodersOfAPairAreOneModel) {
  const auto weights = [](OnnxBuilder part) {
    return part.external_tensor("w", OnnxType::float32, {2}, in_file("weights"));
  };
  write("onnx/weights", std::string(8, '\0'));
  write("onnx/decoder_with_past_model.onnx", weights(smallest_decoder()));
  write("onnx/decoder_model.onnx", weights(prompt_part()));
  const ModelDescription pair = describe();
  EXPECT_EQ(pair.file, folder_ / "onnx/decoder_with_past_model.onnx");
  EXPECT_THAT(pair.files, Contains(folder_ / "onnx/decoder_model.onnx"));
  EXPECT_EQ(pair.weight_bytes, 16U) << "of both";
  EXPECT_EQ(pair.details, "");
  const Error part = refused("onnx/decoder_model.onnx");
  EXPECT_EQ(part.code, ErrorCode::unsupported);
  EXPECT_THAT(part.message, HasSubstr("decoder_model.onnx reads prompts only"));
  EXPECT_EQ(part.hint, "name decoder_with_past_model.onnx instead, which has all");

  write("onnx/decoder_model_merged.onnx", smallest_decoder());
  EXPECT_EQ(describe().file, folder_ / "onnx/decoder_model_merged.onnx");
  fs::remove(folder_ / "onnx/decoder_model_merged.onnx");
  fs::remove(folder_ / "onnx/decoder_model.onnx");
  EXPECT_EQ(describe().file, folder_ / "onnx/decoder_with_past_model.onnx") << "it can do alone";
}

TEST_F(DescribeOnnx, PartsOfTwoModelsAreNoPair) {
  const auto with = [&](const OnnxBuilder& prompts) {
    write("onnx/decoder_with_past_model.onnx", smallest_decoder());
    write("onnx/decoder_model.onnx", prompts);
    return refused().message;
  };
  EXPECT_THAT(with(smallest_decoder()), HasSubstr("takes a KV cache"));
  EXPECT_THAT(with(OnnxBuilder()
                       .input({"input_ids", OnnxType::int64, {1, any}})
                       .output({"logits", OnnxType::float32, {1, any, 512}})),
              HasSubstr("does not make the present.0.key"));
  EXPECT_THAT(with(prompt_part().input({"attention_mask", OnnxType::int64, {1, any}})),
              HasSubstr("other inputs or logits"));
}

TEST_F(DescribeOnnx, WhatTheProcessorCannotRunIsRefusedWithWhatToTake) {
  write("model.onnx", smallest_decoder().node("EPContext", {"input_ids"}, {"x"}));
  EXPECT_THAT(refused().message, HasSubstr("was compiled for one NPU or GPU"));
  EXPECT_THAT(refused().hint, HasSubstr("folder for the processor"));
  write("model.onnx", OnnxBuilder().input({"pixels", OnnxType::float32, {1}}));
  EXPECT_THAT(refused().message, HasSubstr("is no language model"));
  EXPECT_THAT(refused().hint, HasSubstr("model_q4.onnx"));
}

TEST_F(DescribeOnnx, APipelineOfGraphsIsDescribedThoughItIsRefused) {
  write("model.onnx", smallest_decoder());
  write("embeddings.onnx", "0123456789");
  write("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 0}}})");
  write("genai_config.json", R"({"model": {"type": "phi3", "context_length": 4096, "vocab_size": 99,
         "decoder": {"pipeline": [{"embeddings": {"filename": "embeddings.onnx"},
                                   "prompt": {"filename": "../x.onnx"}}, 7]}}})");
  for (const char* name : {"", "model.onnx"}) {
    EXPECT_EQ(refused(name).code, ErrorCode::unsupported);
    EXPECT_THAT(refused(name).message, HasSubstr("pipeline of several graphs, made for an NPU"));
  }
  const ModelDescription model = describe();
  EXPECT_EQ(model.architecture, "phi3");
  EXPECT_EQ(model.sizes.context, 4096);
  EXPECT_EQ(model.vocabulary, 99);
  EXPECT_EQ(model.tokenizer, "BPE");
  EXPECT_THAT(model.files, Contains(folder_ / "embeddings.onnx"));
  EXPECT_GT(model.bytes, 10U) << "with what tells of them";
}

TEST_F(DescribeOnnx, SaysThatASlidingWindowIsLeftOut) {
  const auto with_window = [&](std::int64_t window) {
    const std::vector<OnnxBuilder::Attribute> attributes{{"local_window_size", window}};
    write("model.onnx", smallest_decoder().node("GroupQueryAttention", {"q"}, {"o"}, attributes));
    return describe().details;
  };
  const std::string sizes = R"("num_hidden_layers": 1, "num_attention_heads": 1, "hidden_size": 8)";
  write("config.json", R"({"model_type": "mistral", "max_position_embeddings": 64,
                           "sliding_window": 16, )" +
                           sizes + "}");
  EXPECT_EQ(with_window(16), "");
  EXPECT_THAT(with_window(-1), HasSubstr("without the model's sliding window of 16 tokens"));
  EXPECT_FALSE(describe().shape->layers[0].windowed) << "the cache holds the whole context";
  write("genai_config.json", R"({"model": {"type": "m", "context_length": 64, "decoder": {
      "filename": "model.onnx", "sliding_window": {"window_size": 32}, )" +
                                 sizes + "}}}");
  EXPECT_THAT(with_window(-1), HasSubstr("sliding window of 32 tokens"));
}

TEST_F(DescribeOnnx, AFileOfAGenaiFolderHasTheFoldersSizes) {
  write("model.onnx", smallest_decoder());
  write("genai_config.json", R"({"model": {"type": "m", "context_length": 64,
                                 "decoder": {"filename": "model.onnx"}}})");
  EXPECT_EQ(describe("model.onnx").sizes.context, 64);
  EXPECT_EQ(describe("model.onnx").architecture, "m");
}

TEST(OnnxNames, ASuffixBelongsToTheName) {
  const auto leading = [](std::string_view name, std::initializer_list<const char*> beside) {
    return leading_decoder(name, [&](const std::string& other) {
      return std::ranges::find(beside, other) != beside.end();
    });
  };
  EXPECT_EQ(leading("decoder_model_q4.onnx", {"decoder_model_merged.onnx"}),
            "decoder_model_q4.onnx");
  EXPECT_EQ(leading("decoder_model_q4.onnx", {"decoder_model_merged_q4.onnx"}),
            "decoder_model_merged_q4.onnx");
  EXPECT_EQ(leading("model.onnx", {"decoder_model_merged.onnx"}), "model.onnx");
  EXPECT_EQ(leading("decoder_models.onnx", {"decoder_with_past_models.onnx"}),
            "decoder_models.onnx");
  EXPECT_EQ(prompt_decoder("decoder_with_past_model_int8.onnx"), "decoder_model_int8.onnx");
  EXPECT_EQ(prompt_decoder("decoder_model.onnx"), "");
}

TEST(OnnxNames, ExternalWeightsAndThePromptPartAreOfTheModel) {
  EXPECT_TRUE(is_file_of("model.onnx", "model.onnx"));
  EXPECT_TRUE(is_file_of("model.onnx", "model.onnx_data_1"));
  EXPECT_TRUE(is_file_of("a/model.onnx", "a/model.onnx.data"));
  EXPECT_FALSE(is_file_of("a/model.onnx", "model.onnx.data"));
  EXPECT_FALSE(is_file_of("model.onnx", "model.onnx.bak"));
  EXPECT_FALSE(is_file_of("model.onnx", "model_q4.onnx_data"));
  for (const std::string folder : {"", "a/b/"}) {
    const std::string pair = folder + "decoder_with_past_model_q4.onnx";
    EXPECT_TRUE(is_file_of(pair, folder + "decoder_model_q4.onnx"));
    EXPECT_TRUE(is_file_of(pair, folder + "decoder_model_q4.onnx_data"));
    EXPECT_FALSE(is_file_of(pair, folder + "decoder_model.onnx"));
    EXPECT_FALSE(is_file_of(folder + "decoder_model_q4.onnx", pair));
  }
}

}  // namespace
}  // namespace tenfold
