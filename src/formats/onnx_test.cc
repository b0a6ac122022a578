#include "formats/onnx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "base/files.h"
#include "formats/onnx_builder.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t tiny_llama = 918'656;  // tools/tiny/README.md

OnnxModel open(const std::string& path) {
  auto model = open_onnx_model(path);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? std::move(model).value() : OnnxModel();
}

class OnnxFile : public testing::Test {
 protected:
  OnnxFile()
      : folder_(std::filesystem::temp_directory_path() /
                ("tenfold-onnx-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~OnnxFile() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
    return folder_ / name;
  }
  void expect_bad(const std::string& bytes, const std::string& part) {
    const std::string path = write("m.onnx", bytes);
    const auto model = open_onnx_model(path);
    ASSERT_FALSE(model.ok()) << part;
    EXPECT_EQ(to_string(model.error().code), "bad_model");
    EXPECT_THAT(model.error().message, HasSubstr(path));
    EXPECT_THAT(model.error().message, HasSubstr(part));
  }

  std::filesystem::path folder_;
};

TEST(Onnx, ReadsAPlainDecoder) {
  const OnnxModel model = open("tests/models/tiny-llama/onnx-f32/model.onnx");
  EXPECT_EQ(model.producer, "pytorch");
  ASSERT_EQ(model.inputs.size(), 3U + 2 * 4);
  EXPECT_EQ(model.inputs[0].name, "input_ids");
  EXPECT_EQ(model.inputs[0].type, OnnxType::int64);
  EXPECT_EQ(model.inputs[3].name, "past_key_values.0.key");
  EXPECT_EQ(model.inputs[3].shape, (std::vector<std::int64_t>{-1, 2, -1, 32}));
  EXPECT_EQ(model.outputs[0].name, "logits");
  EXPECT_EQ(model.external_bytes, 0U);
  EXPECT_GE(model.parameters, tiny_llama);
  EXPECT_LT(model.parameters, tiny_llama + 1000) << "a few constants of the graph may count";
  EXPECT_EQ(model.weight_type, OnnxType::float32);
}

TEST(Onnx, CountsPackedAndExternalWeights) {
  const OnnxModel full = open("tests/models/tiny-llama/genai-f32/model.onnx");
  const OnnxModel packed = open("tests/models/tiny-llama/genai-int4/model.onnx");
  EXPECT_EQ(full.parameters, tiny_llama);
  EXPECT_EQ(packed.parameters, tiny_llama);
  EXPECT_GT(full.external_bytes, 4 * tiny_llama);
  EXPECT_LT(packed.external_bytes, tiny_llama * 11 / 10);
  const OnnxModel tied = open("tests/models/tiny-qwen3/genai-int4/model.onnx");
  EXPECT_EQ(tied.parameters, 853'376U) << "the embedding is the packed output matrix";
  EXPECT_GT(tied.shared_bytes, 512U * 128 / 2);
  EXPECT_LT(full.shared_bytes, full.external_bytes / 10) << "tables of sines and cosines";
}

TEST(Onnx, ReadsNodes) {
  const OnnxModel model = open("tests/models/tiny-llama/genai-int4/model.onnx");
  const auto node = std::ranges::find(model.nodes, "GroupQueryAttention", &OnnxNode::operation);
  ASSERT_NE(node, model.nodes.end());
  EXPECT_EQ(node->inputs.at(3), "past_key_values.0.key");
  EXPECT_EQ(node->outputs.at(1), "present.0.key");
  EXPECT_EQ(node->integers.at("local_window_size"), -1);
}

TEST_F(OnnxFile, ReadsBranchesAndWholeNumbers) {
  OnnxBuilder inner;
  inner.node("MatMulBnb4", {"x", "packed", "scales"}, {"y"}, {{"K", 64}, {"N", 8}})
      .tensor("packed", OnnxType::uint8, {256}, std::vector<char>(256))
      .tensor("inner_number", OnnxType::int64, {1}, std::vector<std::int64_t>{5})
      .output({"y", OnnxType::float32, {8}});
  OnnxBuilder builder;
  builder.choice("c", {"z"}, inner, OnnxBuilder().node("Relu", {"x"}, {"w"}))
      .tensor("wide", OnnxType::int64, {}, std::vector<std::int64_t>{4096})
      .tensor("narrow", OnnxType::int32, {1}, std::vector<std::int32_t>{-7})
      .tensor("list", OnnxType::int64, {2}, std::vector<std::int64_t>{1, 2});
  const OnnxModel model = open(write("m.onnx", builder.build()));
  ASSERT_EQ(model.nodes.size(), 1U);
  EXPECT_EQ(model.nodes[0].operation, "If");
  ASSERT_EQ(model.inner_nodes.size(), 2U);
  EXPECT_EQ(model.inner_nodes[0].operation, "MatMulBnb4");
  EXPECT_TRUE(model.outputs.empty()) << "those of a branch are its own";
  EXPECT_EQ(model.parameters, 512U + 1) << "and a number of int32";
  EXPECT_EQ(model.whole_numbers.at("wide"), 4096);
  EXPECT_EQ(model.whole_numbers.at("narrow"), -7);
  EXPECT_FALSE(model.whole_numbers.contains("list"));
}

TEST_F(OnnxFile, RefusesGraphsNestedTooDeep) {
  OnnxBuilder graph;
  for (int i = 0; i < 10; ++i) graph = OnnxBuilder().choice("c", {"x"}, graph, OnnxBuilder());
  expect_bad(graph.build(), "nested too deep");
}

TEST_F(OnnxFile, LeavesOutInputsWithAnInitializer) {
  OnnxBuilder builder;
  builder.input({"x", OnnxType::int64, {1, -1}})
      .input({"w", OnnxType::float16, {2, 3}})
      .tensor("w", OnnxType::float16, {2, 3}, std::vector<std::uint16_t>(6));
  const OnnxModel model = open(write("m.onnx", builder.build()));
  ASSERT_EQ(model.inputs.size(), 1U);
  EXPECT_EQ(model.inputs[0].name, "x");
  EXPECT_EQ(model.inline_bytes, 12U);
}

TEST_F(OnnxFile, RefusesDamagedFiles) {
  const std::string good =
      OnnxBuilder().tensor("w", OnnxType::float32, {64}, std::vector<float>(64)).build();
  for (std::size_t size = 12; size < good.size(); size += 7) {
    expect_bad(good.substr(0, size), "is damaged as an ONNX model");
  }
  expect_bad(ProtobufBuilder().number(1, 9).text(2, "producer").bytes(), "no graph");
  expect_bad(std::string("\x08\x09\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 14),
             "a number is too long");
  expect_bad(good + "\x3f", "no known type");
  expect_bad(OnnxBuilder().node(std::string(5000, 'x'), {}, {}).build(), "a text of 5000 bytes");
  expect_bad(
      OnnxBuilder()
          .tensor("w", OnnxType::float32, std::vector<std::int64_t>(17, 1), std::vector<float>(1))
          .build(),
      "a list is longer than 16");
}

#ifdef TENFOLD_SANITIZED
constexpr std::clock_t little_time = 20 * CLOCKS_PER_SEC;
#else
constexpr std::clock_t little_time = CLOCKS_PER_SEC;
#endif

TEST_F(OnnxFile, ManyNodesAndTensorsTakeLittleTime) {
  constexpr int count = 10'000;
  OnnxBuilder builder;
  for (int i = 0; i < count; ++i) {
    builder.input({"i" + std::to_string(i), OnnxType::int64, {1}});
    builder.node("GatherBlockQuantized", {"n" + std::to_string(i)}, {});
    builder.tensor("t" + std::to_string(i), OnnxType::uint8, {1}, std::vector<char>(1));
  }
  const std::string path = write("m.onnx", builder.build());
  const std::clock_t begin = std::clock();
  EXPECT_EQ(open(path).parameters, static_cast<std::uint64_t>(count));
  EXPECT_LT(std::clock() - begin, little_time) << "of processor time";
}

TEST_F(OnnxFile, ChecksExternalWeights) {
  const auto with = [](const OnnxBuilder::External& place) {
    return OnnxBuilder().external_tensor("w", OnnxType::float32, {8}, place).build();
  };
  expect_bad(with({"m.data", "", ""}), "m.data, which is missing");
  write("m.data", std::string(31, 'x'));
  expect_bad(with({"m.data", "", ""}), "needs 32 bytes of weights");
  expect_bad(with({"m.data", "8", "32"}), "needs 40 bytes of weights");
  expect_bad(with({"m.data", "18446744073709551615", "32"}), "impossible place");
  expect_bad(with({"../m.data", "", ""}), "outside its folder");
  expect_bad(with({"/etc/passwd", "", ""}), "outside its folder");
  expect_bad(with({"", "4", ""}), "w has no location");
  write("m.data", std::string(32, 'x'));
  EXPECT_EQ(open(write("m.onnx", with({"m.data", "", ""}))).external_bytes, 32U);
}

}  // namespace
}  // namespace tenfold
