// The GGUF parser on good files, on each kind of damage, and on every prefix and many mutations.
#include "formats/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "formats/gguf_builder.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

Result<GgufFile> parse(const std::string& bytes) {
  return read_gguf(*make_memory_source(bytes), "test.gguf");
}

void expect_refused(const std::string& bytes, std::string_view message,
                    ErrorCode code = ErrorCode::bad_model) {
  const auto file = parse(bytes);
  ASSERT_FALSE(file.ok()) << message;
  EXPECT_EQ(file.error().code, code) << file.error().message;
  EXPECT_THAT(file.error().message, HasSubstr("test.gguf"));
  EXPECT_THAT(file.error().message, HasSubstr(std::string(message)));
}

GgufBuilder small_model() {
  GgufBuilder builder;
  builder.text("general.architecture", "llama")
      .integer("llama.block_count", 2)
      .texts("tokenizer.ggml.tokens", {"a", "bc", ""})
      .array<float>("tokenizer.ggml.scores", GgufType::float32, {0.5F, -1.0F, 2.0F})
      .tensor("token_embd.weight", {4, 3}, std::vector<float>(12, 1.0F))
      .tensor("output_norm.weight", {4}, std::vector<float>(4, 1.0F));
  return builder;
}

TEST(Gguf, ReadsMetadataAndTensors) {
  const auto file = parse(small_model().build());
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->version, 3U);
  EXPECT_EQ(*file->text("general.architecture"), "llama");
  EXPECT_EQ(file->integer("llama.block_count"), 2);
  EXPECT_EQ(file->array("tokenizer.ggml.tokens")->count, 3U);
  EXPECT_TRUE(file->array("tokenizer.ggml.tokens")->numbers.empty());
  EXPECT_THAT(file->array("tokenizer.ggml.scores")->numbers, testing::ElementsAre(0.5, -1.0, 2.0));
  ASSERT_EQ(file->tensors.size(), 2U);
  EXPECT_EQ(file->tensors[0].name, "token_embd.weight");
  EXPECT_EQ(file->tensors[0].encoding, "f32");
  EXPECT_EQ(file->tensors[1].offset - file->tensors[0].offset, 64U);
  EXPECT_EQ(file->parameters, 16U);
  EXPECT_EQ(file->tensor_bytes, 64U);
}

TEST(Gguf, ReadsEveryScalarType) {
  GgufBuilder builder;
  builder.entry("u8", GgufType::uint8, GgufBuilder::raw(std::uint8_t{200}))
      .entry("i8", GgufType::int8, GgufBuilder::raw(std::int8_t{-3}))
      .entry("u16", GgufType::uint16, GgufBuilder::raw(std::uint16_t{60000}))
      .entry("i16", GgufType::int16, GgufBuilder::raw(std::int16_t{-300}))
      .entry("u32", GgufType::uint32, GgufBuilder::raw(std::uint32_t{4000000000U}))
      .entry("i32", GgufType::int32, GgufBuilder::raw(std::int32_t{-70000}))
      .entry("u64", GgufType::uint64, GgufBuilder::raw(~std::uint64_t{0}))
      .entry("i64", GgufType::int64, GgufBuilder::raw(std::int64_t{-5}))
      .entry("f32", GgufType::float32, GgufBuilder::raw(1.5F))
      .entry("f64", GgufType::float64, GgufBuilder::raw(2.5))
      .entry("flag", GgufType::boolean, GgufBuilder::raw(std::uint8_t{1}))
      .array<std::uint8_t>("flags", GgufType::boolean, {1, 0})
      .array<std::uint64_t>("longs", GgufType::uint64, {7});
  const auto file = parse(builder.build(2));
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->integer("u8"), 200);
  EXPECT_EQ(file->integer("i8"), -3);
  EXPECT_EQ(file->integer("u16"), 60000);
  EXPECT_EQ(file->integer("i16"), -300);
  EXPECT_EQ(file->integer("u32"), 4000000000);
  EXPECT_EQ(file->integer("i32"), -70000);
  EXPECT_EQ(file->integer("u64"), std::nullopt) << "does not fit";
  EXPECT_EQ(file->integer("i64"), -5);
  EXPECT_EQ(file->number("f32"), 1.5);
  EXPECT_EQ(file->number("f64"), 2.5);
  EXPECT_EQ(file->number("i8"), -3.0);
  EXPECT_EQ(file->number("flag"), std::nullopt);
  EXPECT_TRUE(std::get<bool>(file->metadata.at("flag")));
  EXPECT_THAT(file->array("flags")->numbers, testing::ElementsAre(1, 0));
  EXPECT_THAT(file->array("longs")->numbers, testing::ElementsAre(7));
  EXPECT_EQ(file->text("missing"), nullptr);
  EXPECT_EQ(file->array("missing"), nullptr);
  EXPECT_EQ(file->integer("missing"), std::nullopt);
  EXPECT_EQ(file->number("missing"), std::nullopt);
}

TEST(Gguf, SkipsWhatIsTooLargeToKeep) {
  GgufBuilder builder;
  builder.text("long", std::string(2 << 20, 'x'))
      .array<std::int32_t>("many", GgufType::int32, std::vector<std::int32_t>(5000, 1))
      .text("after", "kept");
  const auto file = parse(builder.build());
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(std::get<GgufLongString>(file->metadata.at("long")).bytes, 2U << 20);
  EXPECT_EQ(file->array("many")->count, 5000U);
  EXPECT_TRUE(file->array("many")->numbers.empty());
  EXPECT_EQ(*file->text("after"), "kept");
}

TEST(Gguf, RefusesImpossibleCountsAtOnce) {
  // 43 bytes that claim 2^60 entries.
  std::string bytes = "GGUF" + GgufBuilder::raw(std::uint32_t{3}) +
                      GgufBuilder::raw(std::uint64_t{1} << 60) +
                      GgufBuilder::raw(std::uint64_t{1} << 60);
  bytes.resize(43);
  expect_refused(bytes, "claims 1152921504606846976 metadata keys");

  GgufBuilder strings;
  strings.entry("a", GgufType::array, GgufBuilder::array_head(GgufType::string, 1ULL << 61));
  expect_refused(strings.build(), "strings in a");
  GgufBuilder numbers;
  numbers.entry("a", GgufType::array, GgufBuilder::array_head(GgufType::float64, 1ULL << 61));
  expect_refused(numbers.build(), "elements in a");
  GgufBuilder text;
  text.entry("a", GgufType::string, GgufBuilder::raw(~std::uint64_t{0}));
  expect_refused(text.build(), "inside its header");
  expect_refused("GGUF" + GgufBuilder::raw(std::uint32_t{3}) + GgufBuilder::raw(std::uint64_t{0}) +
                     GgufBuilder::raw(std::uint64_t{70000}) + std::string(2000000, '\0'),
                 "65536 of each are allowed");
}

TEST(Gguf, RefusesOtherVersionsAndMagic) {
  expect_refused("GGML" + small_model().build().substr(4), "does not start with");
  expect_refused(small_model().build(1), "GGUF version 1", ErrorCode::unsupported);
  expect_refused(small_model().build(4), "GGUF version 4", ErrorCode::unsupported);
  expect_refused(small_model().build(0x03000000), "big-endian", ErrorCode::unsupported);
}

TEST(Gguf, RefusesDamagedMetadata) {
  expect_refused(GgufBuilder().entry("", GgufType::uint8, "x").build() + "   ", "key is empty");
  expect_refused(GgufBuilder().text("a", "1").text("a", "2").build(), "the key a appears twice");
  expect_refused(GgufBuilder().entry("a", GgufType(99), std::string(9, 'x')).build(),
                 "unknown type 99");
  expect_refused(
      GgufBuilder()
          .entry("a", GgufType::array, GgufBuilder::array_head(GgufType::array, 1) + "        ")
          .build(),
      "invalid element type 9");
  expect_refused(GgufBuilder().integer("general.alignment", 3).build(), "alignment");
  expect_refused(GgufBuilder().text("general.alignment", "32").build(), "alignment");
  expect_refused(GgufBuilder().text(std::string(70000, 'k'), "").build(), "65535 are allowed");
}

TEST(Gguf, RefusesDamagedTensors) {
  const std::string row(128, '\0');
  const auto one = [&](std::vector<std::uint64_t> shape, std::uint32_t type, std::uint64_t offset,
                       std::string_view name = "t") {
    return GgufBuilder().tensor_bytes(name, shape, type, offset, row).build();
  };
  EXPECT_TRUE(parse(one({32}, 0, 0)).ok());
  expect_refused(one({32}, 4, 0), "unknown type 4", ErrorCode::unsupported);
  expect_refused(one({31}, 2, 0), "not a multiple of 32");
  expect_refused(one({32}, 0, 32), "at offset 32 instead of 0");
  expect_refused(one({0}, 0, 0), "impossible dimension 0");
  expect_refused(one({1ULL << 40, 1ULL << 40}, 0, 0), "impossible dimension");
  expect_refused(one({1, 1, 1, 1, 1}, 0, 0), "has 5 dimensions");
  expect_refused(one({32}, 0, 0, std::string(64, 'n')), "63 are allowed");
  expect_refused(
      GgufBuilder().tensor("t", {8}, std::vector<float>(8)).tensor("t", {1}, {1}).build(),
      "appears twice");
  expect_refused(one({1ULL << 50}, 0, 0), "truncated: it needs");
  GgufBuilder huge;
  huge.tensor_bytes("a", {1ULL << 58}, 27, 0, row)
      .tensor_bytes("b", {1ULL << 58}, 27, 1ULL << 61, "");
  huge.tensor_bytes("c", {1ULL << 58}, 27, 1ULL << 62, "");
  huge.tensor_bytes("d", {1ULL << 58}, 27, 3ULL << 61, "");
  expect_refused(huge.build(), "impossibly large");
}

TEST(Gguf, NamesTheMissingBytes) {
  const std::string bytes = small_model().build();
  // Both tensors end with padding, which may be missing.
  expect_refused(bytes.substr(0, bytes.size() - 17),
                 "truncated: it needs " + std::to_string(bytes.size() - 16) + " bytes and has " +
                     std::to_string(bytes.size() - 17));
}

TEST(Gguf, EveryPrefixIsRefused) {
  const std::string bytes = small_model().build();
  for (std::size_t size = 0; size + 17 <= bytes.size(); ++size) {
    const auto file = parse(bytes.substr(0, size));
    ASSERT_FALSE(file.ok()) << size;
    ASSERT_EQ(file.error().code, ErrorCode::bad_model) << size;
  }
}

TEST(Gguf, SurvivesMutations) {
  const std::string bytes = small_model().build();
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string changed = bytes;
    for (int i = 0; i < 3; ++i) changed[random() % changed.size()] = static_cast<char>(random());
    const auto file = parse(changed);
    if (!file.ok()) {
      ASSERT_FALSE(file.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace tenfold
