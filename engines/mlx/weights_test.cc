// Folders whose weights are not those of their configuration.
#include "weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "base/files.h"
#include "formats/bounded_json.h"
#include "formats/runnable.h"
#include "mlx_model.h"

namespace tenfold::mlx {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Folder : public testing::Test {
 protected:
  Folder() : folder_(fs::temp_directory_path() / ("tenfold-mlx-" + std::to_string(::getpid()))) {
    fs::copy("tests/models/tiny-llama/mlx-4bit", folder_);
    fs::permissions(folder_, fs::perms::owner_all);
    for (const auto& file : fs::directory_iterator(folder_)) {
      fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    }
  }
  ~Folder() override { fs::remove_all(folder_); }

  nlohmann::json config() const { return *read_json_object(folder_ / "config.json"); }
  void write(const nlohmann::json& changed) const {
    ASSERT_TRUE(write_file_atomically(folder_ / "config.json", changed.dump()).ok());
  }
  /// What a load says; empty if it works.
  [[nodiscard]] std::string refusal() const {
    const auto resolved = resolve_file(folder_);
    if (!resolved.ok()) return resolved.error().message;
    const auto model = MlxModel::open(*resolved, {}, {});
    if (model.ok()) return {};
    EXPECT_NE(model.error().code, ErrorCode::internal) << model.error().message;
    return model.error().message;
  }
  [[nodiscard]] std::string refusal_with(const char* key, const nlohmann::json& value) const {
    const auto whole = config();
    auto changed = whole;
    changed[key] = value;
    write(changed);
    std::string said = refusal();
    write(whole);
    return said;
  }

  fs::path folder_;
};

TEST_F(Folder, NamesTheTensorThatIsNotAsTheConfigurationSays) {
  EXPECT_EQ(refusal(), "");
  EXPECT_THAT(refusal_with("intermediate_size", 256),
              AllOf(HasSubstr("layers.0.mlp.gate_proj"), HasSubstr("not [256, 16]")));
  EXPECT_THAT(refusal_with("attention_bias", true),
              HasSubstr("lack model.layers.0.self_attn.q_proj.bias"));
  EXPECT_THAT(refusal_with("model_type", "qwen3"), HasSubstr("q_norm.weight"));
  EXPECT_THAT(refusal_with("num_hidden_layers", 3), HasSubstr("model.layers.3."));
  EXPECT_THAT(refusal_with("num_hidden_layers", 5), HasSubstr("lack model.layers.4."));
  EXPECT_THAT(refusal_with("vocab_size", 513),
              HasSubstr("embed_tokens.weight of the shape [512, 16], not [513, 16]"));
  EXPECT_THAT(refusal_with("quantization", {{"bits", 4}, {"group_size", 32}}),
              HasSubstr("scales of the shape [512, 2], not [512, 4]"));
  EXPECT_THAT(refusal_with("quantization", {{"bits", 8}, {"group_size", 64}}),
              HasSubstr("not [512, 32]"));
}

TEST_F(Folder, NamesATensorThatSuchAModelHasNot) {
  const std::string whole = *read_file(folder_ / "model.safetensors", 1 << 20);
  std::uint64_t length = 0;
  std::memcpy(&length, whole.data(), sizeof length);
  const auto refusal_beside = [&](const std::string& name) {
    auto header = nlohmann::json::parse(whole.substr(sizeof length, length));
    header[name] = {{"dtype", "F32"}, {"shape", {1}}, {"data_offsets", {0, 4}}};
    const std::string text = header.dump();
    const std::uint64_t size = text.size();
    std::string file(sizeof size, '\0');
    std::memcpy(file.data(), &size, sizeof size);
    file += text + whole.substr(sizeof length + length);
    EXPECT_TRUE(write_file_atomically(folder_ / "model.safetensors", file).ok());
    return refusal();
  };
  EXPECT_EQ(refusal_beside("v_head.weight"), "");
  EXPECT_EQ(refusal_beside("model.layers.0.self_attn.rotary_emb.inv_freq"), "");
  for (const char* name : {"lm_head.bias", "model.norm.bias", "model.layers.0.mlp.extra"}) {
    EXPECT_THAT(refusal_beside(name), HasSubstr(std::string("have ") + name));
  }
  const std::string said = refusal_beside("model." + std::string(100'000, 'x'));
  EXPECT_THAT(said, HasSubstr("name that is too long"));
  EXPECT_LT(said.size(), 300);
}

TEST_F(Folder, AMissingShardIsNamed) {
  auto index = *read_json_object(folder_ / "model.safetensors.index.json");
  index["weight_map"]["other"] = "model-2.safetensors";
  ASSERT_TRUE(write_file_atomically(folder_ / "model.safetensors.index.json", index.dump()).ok());
  EXPECT_THAT(refusal(), HasSubstr("model-2.safetensors is missing"));
}

/// Configurations with a number, text or list that is another, and headers with other bytes.
TEST_F(Folder, MutatedOnesAreRefusedInOneSentence) {
  std::mt19937 random(1);
  const std::string whole_config = config().dump();
  const std::string weights = *read_file(folder_ / "model.safetensors", 1 << 20);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    std::string changed = whole_config;
    std::string header = weights;
    for (int i = 0; i < 1 + round % 3; ++i) {
      if (round % 2 == 0) {
        changed[random() % changed.size()] = "0123456789,\"{}[]:-"[random() % 18];
      } else {
        header[8 + random() % 7000] = "0123456789,\"FUB"[random() % 15];
      }
    }
    ASSERT_TRUE(write_file_atomically(folder_ / "config.json", changed).ok());
    ASSERT_TRUE(write_file_atomically(folder_ / "model.safetensors", header).ok());
    if (!refusal().empty()) ++refused;
  }
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace tenfold::mlx
