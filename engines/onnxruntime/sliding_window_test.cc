// A decoder that sees its last tokens only, with half-precision weights in a file of their own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>

#include "base/files.h"
#include "formats/onnx_builder.h"
#include "formats/runnable.h"
#include "generation/testing/model_calls.h"
#include "onnx_decoder.h"

namespace tenfold::onnxruntime {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr std::int64_t any = OnnxValue::symbolic;
constexpr int vocabulary = 512;
constexpr int window = 4;
constexpr int width = 8;

/// i / 1024 as binary16; exact.
std::uint16_t half(unsigned i) {
  if (i == 0) return 0;
  const auto exponent = static_cast<unsigned>(std::bit_width(i)) - 1;
  return static_cast<std::uint16_t>((exponent + 5) << 10U | ((i << (10 - exponent)) & 0x3FFU));
}

/// The first row of the last matrix; the others are zero.
std::string weights() {
  std::string bytes(std::size_t{2} * width * vocabulary, '\0');
  for (unsigned i = 0; i < vocabulary; ++i) {
    bytes[std::size_t{2} * i] = static_cast<char>(half(i) & 0xFFU);
    bytes[std::size_t{2} * i + 1] = static_cast<char>(half(i) >> 8U);
  }
  return bytes;
}

/// Queries and keys are zero, so that attention is the mean of the values it sees: the ids.
std::string graph() {
  OnnxBuilder graph;
  const auto f32 = static_cast<std::int64_t>(OnnxType::float32);
  const auto i32 = static_cast<std::int64_t>(OnnxType::int32);
  graph.tensor("column", OnnxType::int64, {3}, std::vector<std::int64_t>{1, -1, 1})
      .tensor("scalar", OnnxType::int64, {0}, std::vector<std::int64_t>())
      .tensor("one", OnnxType::int32, {1}, std::vector<std::int32_t>{1})
      .tensor("ones", OnnxType::float32, {1, 1, width}, std::vector<float>(width, 1))
      .tensor("zeros", OnnxType::float32, {1, 1, width}, std::vector<float>(width, 0))
      .external_tensor("last", OnnxType::float16, {width, vocabulary}, {"weights.bin", "0", "8192"})
      .input({"input_ids", OnnxType::int64, {any, any}})
      .input({"attention_mask", OnnxType::int64, {any, any}})
      .input({"past_key_values.0.key", OnnxType::float32, {any, 1, any, width}})
      .input({"past_key_values.0.value", OnnxType::float32, {any, 1, any, width}})
      .node("Cast", {"input_ids"}, {"ids"}, {{"to", f32}})
      .node("Reshape", {"ids", "column"}, {"ids_column"})
      .node("Mul", {"ids_column", "ones"}, {"values"})
      .node("Mul", {"ids_column", "zeros"}, {"nothing"})
      .node("Shape", {"attention_mask"}, {"total64"}, {{"start", 1}, {"end", 2}})
      .node("Cast", {"total64"}, {"total_list"}, {{"to", i32}})
      .node("Reshape", {"total_list", "scalar"}, {"total"})
      .node("Sub", {"total_list", "one"}, {"last_positions"})
      .node("GroupQueryAttention",
            {"nothing", "nothing", "values", "past_key_values.0.key", "past_key_values.0.value",
             "last_positions", "total"},
            {"seen", "present.0.key", "present.0.value"},
            {{"num_heads", 1}, {"kv_num_heads", 1}, {"local_window_size", window}}, "com.microsoft")
      .node("Cast", {"last"}, {"last_float"}, {{"to", f32}})
      .node("MatMul", {"seen", "last_float"}, {"angle"})
      .node("Sin", {"angle"}, {"logits"})
      .output({"logits", OnnxType::float32, {any, any, vocabulary}})
      .output({"present.0.key", OnnxType::float32, {any, 1, any, width}})
      .output({"present.0.value", OnnxType::float32, {any, 1, any, width}});
  return graph.build();
}

std::vector<float> expected_row(std::span<const TokenId> tokens) {
  const auto seen = tokens.last(std::min<std::size_t>(tokens.size(), window));
  float sum = 0;
  for (const TokenId token : seen) sum += static_cast<float>(token);
  std::vector<float> row;
  for (int i = 0; i < vocabulary; ++i) {
    row.push_back(std::sin(sum / static_cast<float>(seen.size()) * static_cast<float>(i) / 1024));
  }
  return row;
}

class SlidingWindow : public testing::Test {
 protected:
  SlidingWindow()
      : folder_(std::filesystem::temp_directory_path() /
                ("tenfold-ort-window-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    std::filesystem::copy_file("tests/models/tiny-llama/tokenizer.json",
                               folder_ / "tokenizer.json");
    write("config.json", R"({"model_type": "windowed", "max_position_embeddings": 64})");
    write("model.onnx", graph());
  }
  ~SlidingWindow() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
  }
  [[nodiscard]] Result<std::unique_ptr<TokenModel>> open() const {
    LoadOptions options;
    options.threads = 1;
    options.engine_options["prefill_chunk"] = std::int64_t{5};
    return OnnxDecoder::open(TRY(resolve_file(folder_)), options, {});
  }

  std::filesystem::path folder_;
};

TEST_F(SlidingWindow, EachTokenSeesTheLastOnes) {
  write("weights.bin", weights());
  const auto opened = open();
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  TokenModel& model = **opened;
  const std::vector<TokenId> tokens{9, 1, 20, 3, 14, 5, 26, 7, 8, 10, 31, 12};
  const std::span<const TokenId> all = tokens;
  constexpr float tolerance = 1e-3F;
  EXPECT_THAT(logits(model, all), Pointwise(FloatNear(tolerance), expected_row(all)));
  // Back to before the window, and on in pieces and one by one.
  EXPECT_EQ(model.rewind(0, 2).value(), 2);
  EXPECT_THAT(logits(model, all.subspan(2, 7)),
              Pointwise(FloatNear(tolerance), expected_row(all.first(9))));
  for (std::size_t i = 9; i < tokens.size(); ++i) {
    EXPECT_THAT(logits(model, all.subspan(i, 1)),
                Pointwise(FloatNear(tolerance), expected_row(all.first(i + 1))))
        << i;
  }
}

TEST_F(SlidingWindow, WithoutItsWeightsFileItIsRefused) {
  const auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("weights.bin"), std::string::npos)
      << opened.error().message;
}

}  // namespace
}  // namespace tenfold::onnxruntime
