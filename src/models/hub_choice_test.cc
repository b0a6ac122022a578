#include "models/hub_choice.h"

#include <gmock/gmock.h>

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<HubFile> repository(std::initializer_list<const char*> paths) {
  std::vector<HubFile> files;
  for (const char* path : paths) files.push_back({path, 1 << 20, ""});
  return files;
}

/// Where the files of the chosen model are stored.
std::vector<std::string> chosen(std::initializer_list<const char*> paths, std::string_view select) {
  const HubChoice choice = choose_from_hub(repository(paths), select, "o/m").value();
  std::vector<std::string> names;
  for (const HubFile& file : choice.files) names.push_back(stored_name(choice, file));
  return names;
}

TEST(HubChoice, GgufByQuantizationWithAllItsShards) {
  const auto paths = {"README.md",
                      "m-Q4_K_M.gguf",
                      "m-IQ4_K_M.gguf",
                      "m-Q4_K_S.gguf",
                      "m-mmproj-f16.gguf",
                      "BF16/m-BF16-00001-of-00002.gguf",
                      "BF16/m-BF16-00002-of-00002.gguf"};
  EXPECT_THAT(chosen(paths, "q4_k_m"), ElementsAre("m-Q4_K_M.gguf"));
  EXPECT_THAT(chosen(paths, "m-Q4_K_S.gguf"), ElementsAre("m-Q4_K_S.gguf"));
  EXPECT_THAT(chosen(paths, "BF16"),
              ElementsAre("m-BF16-00001-of-00002.gguf", "m-BF16-00002-of-00002.gguf"));
}

TEST(HubChoice, AmbiguousOrAbsentListsTheChoices) {
  const auto files = repository({"a-Q4_0.gguf", "b-Q4_0.gguf", "b-Q8_0.gguf"});
  const Error several = choose_from_hub(files, "", "o/m").error();
  EXPECT_EQ(several.message,
            "o/m holds several models:\n  a-Q4_0.gguf (1.0 MiB)\n  b-Q4_0.gguf (1.0 MiB)\n"
            "  b-Q8_0.gguf (1.0 MiB)");
  EXPECT_EQ(several.hint, "choose one: tenfold pull hf:o/m:FILE");
  const std::string two = choose_from_hub(files, "q4_0", "o/m").error().message;
  EXPECT_THAT(two, HasSubstr("several models that fit \"q4_0\""));
  EXPECT_THAT(two, Not(HasSubstr("Q8_0")));
  EXPECT_THAT(choose_from_hub(files, "Q5", "o/m").error().message,
              HasSubstr("holds no \"Q5\"; it holds:"));
  EXPECT_EQ(choose_from_hub(repository({"README.md", "x.bin"}), "", "o/m").error().code,
            ErrorCode::bad_model);
}

TEST(HubChoice, OnnxTakesDataAndTheNearestCompanions) {
  const auto paths = {"config.json",          "tokenizer.json",     "onnx/model.onnx",
                      "onnx/model.onnx_data", "onnx/model_q4.onnx", "onnx/model_q4.onnx_data",
                      "picture.png"};
  EXPECT_THAT(chosen(paths, "onnx/model_q4.onnx"),
              ElementsAre("config.json", "model_q4.onnx", "model_q4.onnx_data", "tokenizer.json"));
}

TEST(HubChoice, OnnxDecodersInTwoFilesAreOneModel) {
  const auto pair = {"config.json",
                     "onnx/decoder_model.onnx",
                     "onnx/decoder_model.onnx_data",
                     "onnx/decoder_with_past_model.onnx",
                     "onnx/decoder_with_past_model_int8.onnx",
                     "onnx/decoder_model_int8.onnx"};
  EXPECT_THAT(chosen(pair, "decoder_with_past_model.onnx"),
              ElementsAre("config.json", "decoder_model.onnx", "decoder_model.onnx_data",
                          "decoder_with_past_model.onnx"));
  EXPECT_EQ(hub_choices(repository(pair)).size(), 2U);
  const auto merged = {"onnx/decoder_model.onnx", "onnx/decoder_with_past_model.onnx",
                       "onnx/decoder_model_merged.onnx", "tokenizer.json"};
  EXPECT_THAT(chosen(merged, ""), ElementsAre("decoder_model_merged.onnx", "tokenizer.json"));
  EXPECT_THAT(chosen(merged, "decoder_with_past_model"),
              ElementsAre("decoder_model.onnx", "decoder_with_past_model.onnx", "tokenizer.json"));
  EXPECT_FALSE(choose_from_hub(repository(merged), "decoder_model", "o/m").ok()) << "half a model";
}

TEST(HubChoice, FoldersOfGenai) {
  const auto paths = {"config.json",
                      "cpu/int4/genai_config.json",
                      "cpu/int4/model.onnx",
                      "cpu/int4/model.onnx.data",
                      "cuda/genai_config.json",
                      "cuda/model.onnx"};
  EXPECT_THAT(chosen(paths, "cpu/int4"),
              ElementsAre("genai_config.json", "model.onnx", "model.onnx.data"));
  EXPECT_EQ(hub_choices(repository(paths)).size(), 2U);
}

TEST(HubChoice, ExecutorchTakesTheTokenizerAbove) {
  const auto paths = {"tokenizer.json", "m-1B/q/m.pte", "m-1B/f/m_bf16.pte",
                      "other/tokenizer.json"};
  EXPECT_THAT(chosen(paths, "m-1B/q/m.pte"), ElementsAre("m.pte", "tokenizer.json"));
}

TEST(HubChoice, WholeFolders) {
  EXPECT_THAT(chosen({".gitattributes", "README.md", "mlc-chat-config.json", "params_shard_0.bin",
                      "tensor-cache.json"},
                     ""),
              ElementsAre("mlc-chat-config.json", "params_shard_0.bin", "tensor-cache.json"));
  EXPECT_THAT(
      chosen({"config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
              "model.safetensors.index.json", "pytorch_model.bin", "tokenizer.json"},
             ""),
      ElementsAre("config.json", "model-00001-of-00002.safetensors",
                  "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                  "tokenizer.json"));
  EXPECT_THAT(
      chosen({"1_Pooling/config.json", "2_Dense/config.json", "config.json", "model.safetensors",
              "modules.json"},
             ""),
      ElementsAre("1_Pooling/config.json", "config.json", "model.safetensors", "modules.json"));
  EXPECT_THAT(chosen({"x/A.mlpackage/Manifest.json", "x/A.mlpackage/Data/w.bin", "B.mlpackage/M"},
                     "A.mlpackage"),
              ElementsAre("A.mlpackage/Data/w.bin", "A.mlpackage/Manifest.json"));
  EXPECT_THAT(
      chosen({"a.mlmodelc/model.mil", "a.mlmodelc/weights/weight.bin", "tokenizer.json"}, ""),
      ElementsAre("a.mlmodelc/model.mil", "a.mlmodelc/weights/weight.bin", "tokenizer.json"));
}

TEST(HubChoice, CoreMlModelsBesideAMetaYamlAreOneModel) {
  EXPECT_THAT(chosen({"README.md", "meta.yaml", "x_embeddings.mlmodelc/model.mil",
                      "x_lm_head.mlmodelc/model.mil", "tokenizer.json"},
                     ""),
              ElementsAre("meta.yaml", "tokenizer.json", "x_embeddings.mlmodelc/model.mil",
                          "x_lm_head.mlmodelc/model.mil"));
  // Another tool's file of that name is no model.
  EXPECT_THAT(chosen({"meta.yaml", "m.gguf"}, ""), ElementsAre("m.gguf"));
}

TEST(HubChoice, ATaskIsTheOlderForm) {
  EXPECT_THAT(chosen({"README.md", "m.task"}, ""), ElementsAre("m.task"));
  EXPECT_THAT(chosen({"m.litertlm", "m.task", "tokenizer.json"}, ""), ElementsAre("m.litertlm"));
  EXPECT_THAT(chosen({"m.litertlm", "m.task"}, "m.task"), ElementsAre("m.task"));
}

TEST(HubChoice, SizeIsKnownWhenEachIs) {
  HubChoice choice{"a", repository({"a", "b"}), ""};
  EXPECT_EQ(total_bytes(choice), 2U << 20);
  choice.files[1].bytes.reset();
  EXPECT_EQ(total_bytes(choice), std::nullopt);
}

}  // namespace
}  // namespace tenfold
