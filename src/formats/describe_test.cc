// Every committed model is known for what it is, and damaged ones get an answer.
#include "formats/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "base/files.h"
#include "formats/gguf_builder.h"
#include "formats/runnable.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path tiny = "tests/models/tiny-llama";

struct Sample {
  const char* path;
  const char* format;
  const char* quantization;
  std::uint64_t parameters;
  std::int64_t context;
};

const Sample samples[] = {
    {"tiny-llama-f32.gguf", "gguf", "f32", 918656, 1024},
    {"tiny-llama-q4_0.gguf", "gguf", "q4_0", 918656, 1024},
    {"mlx-4bit", "safetensors", "4 bits in groups of 64", 918656, 1024},
    {"mlx-bf16", "safetensors", "bf16", 918656, 1024},
    {"onnx-f32", "onnx", "float32", 0, 1024},
    {"onnx-int8", "onnx", "uint8", 0, 1024},
    {"onnx-int4", "onnx", "int4", 0, 1024},
    {"onnx-q4f16", "onnx", "int4", 0, 1024},
    {"onnx-bnb4", "onnx", "nf4", 0, 1024},
    {"genai-f32", "onnx", "float32", 0, 1024},
    {"genai-int4", "onnx", "int4", 0, 1024},
    {"executorch-f32", "pte", "", 0, 1024},
    {"executorch-8da4w", "pte", "", 0, 1024},
    {"litert-f32", "tflite", "float32", 0, 1024},
    {"litert-int8", "tflite", "int8", 0, 512},
    {"litertlm-int8", "litertlm", "int8", 0, 512},
    {"coreml-stateful-f16", "mlpackage", "none", 0, 1024},
    {"coreml-stateful-int4", "mlpackage", "palettes", 0, 1024},
    {"coreml-stateless-f16", "mlpackage", "none", 0, 512},
    {"mlc-q0f32", "mlc", "q0f32", 918656, 1024},
    {"mlc-q4f32_1", "mlc", "q4f32_1", 918656, 1024},
};

TEST(Describe, KnowsEveryCommittedModel) {
  for (const Sample& sample : samples) {
    SCOPED_TRACE(sample.path);
    const auto model = describe_model(tiny / sample.path);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->format, sample.format);
    EXPECT_EQ(model->quantization, sample.quantization);
    if (sample.parameters > 0) {
      EXPECT_EQ(model->parameters, sample.parameters);
    } else if (model->parameters > 0) {
      EXPECT_NEAR(static_cast<double>(model->parameters), 918656, 200000);
    }
    EXPECT_EQ(model->sizes.context, sample.context);
    EXPECT_EQ(model->vocabulary, 512);
    EXPECT_THAT(model->text.chat_template, HasSubstr("add_generation_prompt"));
    EXPECT_FALSE(model->tokenizer.empty());
    EXPECT_THAT(model->architecture, testing::AnyOf("llama", "generic"));
    EXPECT_GE(model->bytes, model->weight_bytes);
    EXPECT_GT(model->weight_bytes, 400'000U);
    ASSERT_TRUE(model->shape.has_value());
    EXPECT_EQ(model->shape->layers.size(), 4U);
    EXPECT_EQ(model->shape->layers[0].key_elements, 64);
  }
}

TEST(Describe, KnowsTheOtherArchitecture) {
  for (const char* name : {"tiny-qwen3-f32.gguf", "mlx-4bit", "onnx-f32", "genai-int4",
                           "executorch-f32", "litert-f32", "mlc-q4f32_1", "coreml-stateful-f16"}) {
    const auto model = describe_model(fs::path("tests/models/tiny-qwen3") / name);
    ASSERT_TRUE(model.ok()) << model.error().message;
    EXPECT_EQ(model->architecture, "qwen3") << name;
  }
}

class WrongFile : public testing::Test {
 protected:
  WrongFile() { fs::create_directories(folder_); }
  ~WrongFile() override { fs::remove_all(folder_); }

  Error refused(const std::string& name, const std::string& content) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, content).ok());
    const auto model = describe_model(folder_ / name);
    EXPECT_FALSE(model.ok()) << name;
    return model.ok() ? Error() : model.error();
  }

  fs::path folder_ = fs::temp_directory_path() / ("tenfold-describe-" + std::to_string(::getpid()));
};

TEST_F(WrongFile, IsNamedWithWhatToDo) {
  EXPECT_THAT(refused("a.gguf", "<!DOCTYPE html><html>").hint, HasSubstr("web page"));
  EXPECT_THAT(refused("b.gguf", "version https://git-lfs.github.com/spec/v1\noid sha256:0").hint,
              HasSubstr("git lfs pull"));
  EXPECT_THAT(refused("c.gguf", std::string("PK\3\4") + std::string(50, '\0')).hint,
              HasSubstr("unpack"));
  EXPECT_THAT(refused("d.gguf", "").message, HasSubstr("is empty"));
  EXPECT_THAT(refused("e.gguf", "{\"error\": \"Access is restricted\"}").hint,
              HasSubstr("server refused"));
  EXPECT_THAT(refused("f.safetensors", std::string("\2\0\0\0\0\0\0\0{\"", 10)).message,
              HasSubstr("no config.json beside"));
  EXPECT_THAT(refused("g.pllm", "<html>").message, HasSubstr("HTML"));
}

TEST_F(WrongFile, NamesWhatAnExecuTorchProgramNeedsThatIsNotHere) {
  const std::string whole = *read_file(tiny / "executorch-llm-8da4w/model.pte", 1 << 24);
  const auto with = [&](const std::string& name, const std::string& other) {
    std::string bytes = whole;
    for (auto at = bytes.find(name); at != std::string::npos; at = bytes.find(name, at + 1)) {
      bytes.replace(at, name.size(), other);
    }
    EXPECT_NE(bytes, whole);
    EXPECT_TRUE(write_file_atomically(folder_ / "model.pte", bytes).ok());
    const auto described = describe_model(folder_ / "model.pte");
    EXPECT_TRUE(described.ok()) << other;
    if (!described.ok()) return std::string();
    EXPECT_EQ(described->sizes.context, 1024) << "the rest is told all the same";
    const auto runs = check_runnable(*described);
    EXPECT_FALSE(runs.ok());
    if (runs.ok()) return std::string();
    EXPECT_EQ(runs.error().code, ErrorCode::unsupported);
    return runs.error().message;
  };
  EXPECT_THAT(with("llama::custom_sdpa", "llama::custom_nnnn"),
              HasSubstr("needs the operator llama::custom_nnnn.out, which is not here"));
  EXPECT_THAT(with("XnnpackBackend", "CoreMLBackends"),
              HasSubstr("was exported for CoreMLBackends, which is not here"));
}

TEST_F(WrongFile, NamesAnArchitectureThatLlamaCppDoesNotKnow) {
  const auto with = [&](const std::string& architecture) {
    GgufBuilder builder;
    builder.text("general.architecture", architecture)
        .text("general.name", "Some model")
        .integer("nothing.block_count", 1)
        .integer("nothing.embedding_length", 8)
        .integer("nothing.context_length", 64)
        .tensor("t", {8}, std::vector<float>(8));
    EXPECT_TRUE(write_file_atomically(folder_ / "model.gguf", builder.build()).ok());
    const auto described = describe_model(folder_ / "model.gguf");
    EXPECT_TRUE(described.ok()) << described.error().message;
    if (!described.ok()) return Error();
    EXPECT_EQ(described->title, "Some model") << "the rest is told all the same";
    EXPECT_EQ(described->sizes.context, architecture == "nothing" ? 64 : 0);
    const auto runs = check_runnable(*described);
    EXPECT_FALSE(runs.ok());
    return runs.ok() ? Error() : runs.error();
  };
  EXPECT_EQ(with("nothing").code, ErrorCode::unsupported);
  EXPECT_THAT(with("nothing").message,
              HasSubstr("has the architecture \"nothing\", which llama.cpp does not know"));
  EXPECT_THAT(with("t5").message, HasSubstr("is an encoder-decoder model (t5)"));
}

/// `model` without a signature by the name of decode, as bundles for the web have it.
TEST_F(WrongFile, SaysThatATfliteModelIsNoLanguageModel) {
  std::string bytes = *read_file(tiny / "litert-int8/model.tflite", 1 << 24);
  const std::string decode("\6\0\0\0decode\0", 11);
  const auto at = bytes.find(decode);
  ASSERT_NE(at, std::string::npos);
  bytes.replace(at + 4, 6, "encode");
  ASSERT_TRUE(write_file_atomically(folder_ / "model.tflite", bytes).ok());
  const auto described = describe_model(folder_ / "model.tflite");
  ASSERT_TRUE(described.ok()) << described.error().message;
  EXPECT_EQ(described->details, "3 signatures");
  const auto runs = check_runnable(*described);
  ASSERT_FALSE(runs.ok());
  EXPECT_EQ(runs.error().code, ErrorCode::unsupported);
  EXPECT_THAT(runs.error().message,
              HasSubstr("no signature decode with a token in and logits out"));
  EXPECT_EQ(resolve_file(folder_ / "model.tflite").error().message, runs.error().message);
}

TEST_F(WrongFile, SignaturesOfATfliteFileThatShareOneLongListAreCountedEach) {
  std::string bytes = *read_file(tiny / "litert-int8/model.tflite", 1 << 24);
  const auto number = [&]<typename T>(std::size_t at, T) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  };
  const auto append = [&](auto value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  // The field of the signatures, by the root table's list of fields, leads to a new vector.
  const std::size_t root = number(0, std::uint32_t{});
  const std::size_t fields = root - static_cast<std::size_t>(number(root, std::int32_t{}));
  const std::size_t field = root + number(fields + 4 + 2 * 7, std::uint16_t{});
  const auto to_vector = static_cast<std::uint32_t>(bytes.size() - field);
  std::memcpy(bytes.data() + field, &to_vector, sizeof to_vector);
  constexpr std::uint32_t count = 101;
  append(count);
  for (std::uint32_t left = count; left > 0; --left) append(4 * left + 10);
  for (const int entry : {10, 12, 4, 0, 8}) append(static_cast<std::uint16_t>(entry));
  append(std::int32_t{10});  // back to them
  append(std::uint32_t{8 + 10});
  append(std::uint32_t{4});
  append(std::uint32_t{6});
  bytes += "decode";
  append(std::uint32_t{1000});
  bytes.append(4000, '\0');
  ASSERT_TRUE(write_file_atomically(folder_ / "model.tflite", bytes).ok());
  const auto described = describe_model(folder_ / "model.tflite");
  ASSERT_TRUE(described.ok()) << described.error().message;
  EXPECT_EQ(described->details, "101 signatures");
  ASSERT_TRUE(described->refusal.has_value());
  EXPECT_THAT(described->refusal->message, HasSubstr("signatures with too many tensors"));
}

TEST_F(WrongFile, NamesWhatIsMissingInAFolder) {
  const auto weights = *read_file(tiny / "mlx-4bit/model.safetensors", 1 << 20);
  ASSERT_TRUE(write_file_atomically(folder_ / "config.json", "{}").ok());
  ASSERT_TRUE(write_file_atomically(folder_ / "model.safetensors.index.json",
                                    R"({"weight_map": {"a": "model-1.safetensors"}})")
                  .ok());
  EXPECT_THAT(describe_model(folder_).error().message, HasSubstr("model-1.safetensors is missing"));
  const Error cut = refused("model-1.safetensors", weights.substr(0, weights.size() - 1));
  EXPECT_THAT(cut.message, HasSubstr("truncated"));
}

TEST_F(WrongFile, TokenizerIsKnown) {
  const auto model = describe_model(tiny / "tokenizer.json");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->format, "tokenizer");
  EXPECT_EQ(model->tokenizer, "BPE");
  EXPECT_EQ(model->vocabulary, 512);
}

TEST_F(WrongFile, CompiledCoreMlIsKnown) {
  const fs::path model = folder_ / "m.mlmodelc";
  const std::string program =
      "program(1.3) { func main<ios18>(tensor<int32, [1, 64]> ids) { } -> (ids); }";
  EXPECT_TRUE(write_file_atomically(model / "model.mil", program).ok());
  EXPECT_TRUE(
      write_file_atomically(model / "metadata.json", R"([{"specificationVersion": 9}])").ok());
  const auto described = describe_model(model);
  ASSERT_TRUE(described.ok()) << described.error().message;
  EXPECT_EQ(described->format, "mlmodelc");
  EXPECT_EQ(described->details, "specification 9, stateless");
  EXPECT_EQ(described->quantization, "none");
  EXPECT_EQ(described->sizes.context, 64);
  EXPECT_EQ(described->files.size(), 2U);
  EXPECT_TRUE(write_file_atomically(model / "metadata.json",
                                    R"([{"inputSchema": [{"name": "ids", "shapeRange": "[[1,"}]}])")
                  .ok());
  EXPECT_THAT(describe_model(model).error().message, HasSubstr("metadata.json"));
  fs::remove(model / "model.mil");
  EXPECT_TRUE(write_file_atomically(model / "coremldata.bin", "x").ok());
  EXPECT_THAT(describe_model(model).error().message, HasSubstr("no ML program"));
}

TEST_F(WrongFile, PicoLlmIsKnownByItsName) {
  EXPECT_TRUE(write_file_atomically(folder_ / "m.pllm", "\x93\x01\xff model").ok());
  const auto model = describe_model(folder_ / "m.pllm");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->format, "pllm");
  EXPECT_EQ(model->details, "(not public: read by picoLLM alone)");
  EXPECT_EQ(model->weight_bytes, 9U);
}

TEST(Corpus, GetsAnswers) {
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator("fuzz/corpus")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const auto model = describe_model(entry.path());
    EXPECT_TRUE(model.ok() || !model.error().message.empty()) << entry.path();
  }
  EXPECT_GT(files, 50);
}

}  // namespace
}  // namespace tenfold
