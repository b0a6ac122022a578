// Whole models: what is refused before a framework sees it, and shards.
#include "formats/gguf_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"
#include "formats/gguf_builder.h"
#include "formats/gguf_shape.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

class GgufModelTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("tenfold-gguf-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / name, bytes).ok());
    return folder_ / name;
  }
  std::string write(const GgufBuilder& builder) { return write("m.gguf", builder.build()); }

  static GgufBuilder model() {
    GgufBuilder builder;
    builder.text("general.architecture", "llama")
        .integer("llama.block_count", 2)
        .integer("llama.embedding_length", 8)
        .integer("llama.context_length", 128)
        .integer("llama.attention.head_count", 2);
    return builder;
  }
  static GgufBuilder with_weights(GgufBuilder builder) {
    return builder.tensor("t", {8}, std::vector<float>(8));
  }
  static GgufBuilder shard(std::uint32_t number, std::uint32_t count) {
    GgufBuilder builder = number == 0 ? model() : GgufBuilder();
    builder
        .entry("split.no", GgufType::uint16, GgufBuilder::raw(static_cast<std::uint16_t>(number)))
        .entry("split.count", GgufType::uint16,
               GgufBuilder::raw(static_cast<std::uint16_t>(count)));
    return with_weights(builder);
  }

  std::filesystem::path folder_;
};

TEST_F(GgufModelTest, OpensAModel) {
  const auto opened = open_gguf_model(write(with_weights(model())));
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->architecture, "llama");
  EXPECT_EQ(opened->parameters, 8U);
  EXPECT_EQ(opened->files.size(), 1U);
}

TEST_F(GgufModelTest, RefusesWhatIsNoModel) {
  EXPECT_EQ(open_gguf_model(folder_ / "none.gguf").error().code, ErrorCode::not_found);
  EXPECT_EQ(open_gguf_model(folder_).error().code, ErrorCode::bad_model);
  EXPECT_EQ(open_gguf_model(write("e.gguf", "")).error().code, ErrorCode::bad_model);
  EXPECT_THAT(open_gguf_model(write(model())).error().message, HasSubstr("no weights"));
  EXPECT_THAT(open_gguf_model(write(with_weights(GgufBuilder()))).error().message,
              HasSubstr("general.architecture"));
  EXPECT_THAT(
      open_gguf_model(write(with_weights(GgufBuilder().text("general.architecture", "clip"))))
          .error()
          .message,
      HasSubstr("vision projector"));
  const auto adapter =
      open_gguf_model(write(with_weights(model().text("general.type", "adapter"))));
  EXPECT_EQ(adapter.error().code, ErrorCode::unsupported);
  EXPECT_THAT(adapter.error().hint, HasSubstr("lora"));
}

TEST_F(GgufModelTest, OpensAllShardsOfASplitModel) {
  const std::string first = write("m-00001-of-00002.gguf", shard(0, 2).build());
  const auto missing = open_gguf_model(first);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_THAT(missing.error().message, HasSubstr("m-00002-of-00002.gguf"));

  const std::string second = write("m-00002-of-00002.gguf", shard(1, 2).build());
  const auto opened = open_gguf_model(first);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  EXPECT_EQ(opened->parameters, 16U);
  EXPECT_EQ(opened->files, (std::vector{first, second}));

  EXPECT_THAT(open_gguf_model(second).error().hint, HasSubstr("m-00001-of-00002.gguf"));
  EXPECT_THAT(open_gguf_model(write("renamed.gguf", shard(0, 2).build())).error().message,
              HasSubstr("its name does not end in -00001-of-00002.gguf"));
  EXPECT_THAT(open_gguf_model(write("odd.gguf", shard(5, 2).build())).error().message,
              HasSubstr("shard 6 of 2"));
  write("m-00002-of-00002.gguf", shard(1, 2).build().substr(0, 100));
  EXPECT_THAT(open_gguf_model(first).error().message, HasSubstr("m-00002-of-00002.gguf"));
}

TEST_F(GgufModelTest, ShapeNamesTheMissingOrAbsurdKey) {
  const auto shape_of = [&](const GgufBuilder& builder) {
    return read_shape(*open_gguf_model(write(with_weights(builder))));
  };
  EXPECT_TRUE(shape_of(model()).ok());
  EXPECT_THAT(shape_of(GgufBuilder().text("general.architecture", "x")).error().message,
              HasSubstr("lacks x.block_count"));
  EXPECT_THAT(
      shape_of(GgufBuilder().text("general.architecture", "x").integer("x.block_count", 100000))
          .error()
          .message,
      HasSubstr("x.block_count has the value 100000"));
  EXPECT_THAT(shape_of(model().integer("llama.attention.key_length", 0xFFFFFFFF)).error().message,
              HasSubstr("key_length"));
  EXPECT_THAT(shape_of(model().integer("llama.ssm.state_size", 1 << 20)).error().message,
              HasSubstr("ssm"));
  EXPECT_THAT(shape_of(model().array<float>("llama.attention.head_count_kv", GgufType::float32,
                                            {1.0F, -4.0F}))
                  .error()
                  .message,
              HasSubstr("head_count_kv"));
}

}  // namespace
}  // namespace tenfold
