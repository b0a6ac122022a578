#include "formats/anemll_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "base/files.h"
#include "formats/describe.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(AnemllYaml, ValuesHaveTheirPath) {
  const auto values = read_yaml_values(
      "model_info:\n"
      "  name: \"anemll: a\"  # the name\n"
      "  description: |\n"
      "    Runs on chips\n"
      "    Context length: 512\n"
      "\n"
      "  parameters:\r\n"
      "    context_length: 2048 # tokens\r\n"
      "    lut_ffn: none\n"
      "  # architecture: qwen\n"
      "last: 'x'\n");
  EXPECT_EQ(values.at("model_info.name"), "anemll: a");
  EXPECT_EQ(values.at("model_info.description.Context length"), "512");
  EXPECT_EQ(values.at("model_info.parameters.context_length"), "2048");
  EXPECT_EQ(values.at("model_info.parameters.lut_ffn"), "none");
  EXPECT_EQ(values.at("last"), "x");
  EXPECT_FALSE(values.contains("model_info.architecture"));
}

class Anemll : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("anemll-" + std::to_string(::getpid()));
    write("tokenizer.json", R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const fs::path& name, const std::string& text) const {
    ASSERT_TRUE(write_file_atomically(folder_ / name, text).ok());
  }
  void model(const std::string& name) const {
    const auto function = [](const char* called) {
      return fmt::format("func {}<ios18>(fp16 x) {{ }} -> (x); ", called);
    };
    const bool layers = name.find("FFN") != std::string::npos;
    write(name + ".mlmodelc/model.mil",
          "program(1.3) { " +
              (layers ? function("infer") + function("prefill") : function("main")) + "}");
  }
  void meta(const std::string& parameters, const std::string& more = "") const {
    write("meta.yaml", "model_info:\n  name: n\n  architecture: llama\n" + more +
                           "  parameters:\n    context_length: 512\n    batch_size: 64\n" +
                           parameters);
  }
  [[nodiscard]] std::string error() const {
    const auto read = read_anemll_folder(folder_);
    return read.ok() ? "" : read.error().message;
  }

  fs::path folder_;
};

TEST_F(Anemll, PartsStandInTheirOrder) {
  meta(
      "    lut_embeddings: none\n    lut_ffn: 6\n    lut_lmhead: 4\n    num_chunks: 2\n"
      "    model_prefix: t\n    embeddings: t_embeddings.mlmodelc\n"
      "    lm_head: t_lm_head_lut4.mlmodelc\n    ffn: t_FFN_PF_lut6.mlmodelc\n"
      "    split_lm_head: 8\n    argmax_in_model: true\n");
  for (const char* name : {"t_embeddings", "t_lm_head_lut4", "t_FFN_PF_lut6_chunk_01of02",
                           "t_FFN_PF_lut6_chunk_02of02"}) {
    model(name);
  }
  const auto read = read_anemll_folder(folder_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_THAT(read->models(), ElementsAre(folder_ / "t_embeddings.mlmodelc",
                                          folder_ / "t_FFN_PF_lut6_chunk_01of02.mlmodelc",
                                          folder_ / "t_FFN_PF_lut6_chunk_02of02.mlmodelc",
                                          folder_ / "t_lm_head_lut4.mlmodelc"));
  EXPECT_EQ(read->context, 512);
  EXPECT_EQ(read->batch, 64);
  EXPECT_EQ(read->logit_parts, 8);
  EXPECT_TRUE(read->gives_tokens);
  EXPECT_EQ(read->palettes, "ffn 6 bits, lm_head 4 bits");
  const auto described = describe_model(folder_);
  ASSERT_TRUE(described.ok()) << described.error().message;
  EXPECT_EQ(described->format, "anemll");
  EXPECT_EQ(described->path, folder_);
  EXPECT_EQ(described->details, "ANEMLL, 4 models, tokens instead of logits");
  EXPECT_EQ(described->quantization, "palettes: ffn 6 bits, lm_head 4 bits");
  EXPECT_EQ(described->text.tokenizer, folder_ / "tokenizer.json");
  EXPECT_EQ(described->files.size(), 6U);
  EXPECT_FALSE(described->refusal.has_value());
  write("t_FFN_PF_lut6_chunk_02of02.mlmodelc/model.mil",
        "program(1.3) { func infer<ios18>(fp16 x) { } -> (x); }");
  EXPECT_THAT(describe_model(folder_)->refusal->message,
              HasSubstr("t_FFN_PF_lut6_chunk_02of02.mlmodelc has no function prefill"));
}

TEST(AnemllFolder, WhatItsConverterMadeIsKnown) {
  const auto described = describe_model("tests/models/tiny-llama/coreml-anemll");
  ASSERT_TRUE(described.ok()) << described.error().message;
  EXPECT_EQ(described->format, "anemll");
  EXPECT_EQ(described->details, "ANEMLL, 4 models");
  EXPECT_EQ(described->title, "anemll-tiny-llama-ctx512");
  EXPECT_EQ(described->quantization, "palettes: ffn 4 bits, lm_head 6 bits");
  EXPECT_EQ(described->sizes.context, 512);
  EXPECT_FALSE(described->refusal.has_value()) << described->refusal->message;
  const auto folder = read_anemll_folder(described->path);
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(folder->batch, 64);
  EXPECT_EQ(folder->logit_parts, 8);
  EXPECT_EQ(folder->chunks.size(), 2U);
}

TEST_F(Anemll, NamesThatAreNotWrittenAreThoseOfTheConverter) {
  meta("    lut_ffn: none\n    lut_lmhead: 6\n    num_chunks: 1\n    model_prefix: q\n");
  for (const char* name : {"q_embeddings", "q_lm_head_lut6", "q_FFN_PF_chunk_01of01"}) model(name);
  const auto read = read_anemll_folder(folder_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->models().size(), 3U);
  EXPECT_FALSE(read->gives_tokens);
}

TEST_F(Anemll, AMonolithicFolderHasOneModel) {
  meta("    lut_bits: 4\n    model_prefix: q\n", "  model_type: monolithic\n");
  model("q_monolithic_full_lut4");
  const auto read = read_anemll_folder(folder_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_THAT(read->models(), ElementsAre(folder_ / "q_monolithic_full_lut4.mlmodelc"));
  EXPECT_EQ(read->palettes, "model 4 bits");
}

TEST_F(Anemll, WhatIsMissingOrWrongIsNamed) {
  EXPECT_THAT(error(), HasSubstr("meta.yaml"));
  meta("    num_chunks: 1\n    model_prefix: q\n");
  EXPECT_THAT(error(), HasSubstr("q_embeddings.mlmodelc or q_embeddings.mlpackage is missing"));
  write("q_embeddings.mlmodelc.zip", "PK");
  EXPECT_THAT(read_anemll_folder(folder_).error().hint, HasSubstr("unzip q_embeddings"));
  model("q_embeddings");
  model("q_lm_head");
  meta("    num_chunks: 100\n    model_prefix: q\n");
  EXPECT_THAT(error(), HasSubstr("num_chunks is \"100\", not a number from 1 to 99"));
  meta("    num_chunks: 1\n    model_prefix: q\n    lm_head: ../x.mlmodelc\n");
  EXPECT_THAT(error(), HasSubstr("\"../x\" is no model beside it"));
  write("meta.yaml", "model_info:\n  parameters:\n    context_length: none\n");
  EXPECT_THAT(error(), HasSubstr("context_length is \"none\""));
}

}  // namespace
}  // namespace tenfold
