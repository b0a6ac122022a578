#include "models/catalogue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "engine/table.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

TEST(Catalogue, BuiltInKeepsItsPromises) {
  const Catalogue& catalogue = built_in_catalogue();
  EXPECT_GE(catalogue.models.size(), 40U);
  EXPECT_EQ(catalogue.default_name, "smollm2-135m-instruct");
  for (const EngineEntry& engine : engine_table()) {
    const auto opens = [&](const CatalogueModel& model) {
      return ("," + std::string(engine.formats) + ",").find("," + model.format + ",") !=
             std::string::npos;
    };
    EXPECT_TRUE(std::ranges::any_of(catalogue.models, opens)) << engine.id;
  }
  for (const CatalogueModel& model : catalogue.models) {
    EXPECT_TRUE(model.homepage.starts_with("https://")) << model.name;
    EXPECT_EQ(catalogue.find(model.name), &model);
    EXPECT_FALSE(model.bytes && model.approximate_bytes) << model.name;
    EXPECT_FALSE(std::holds_alternative<LocalSource>(model.source)) << model.name;
  }
  EXPECT_EQ(catalogue.find("other"), nullptr);
}

TEST(Catalogue, TheDefaultComesInAWheel) {
  const CatalogueModel& model = *built_in_catalogue().find("smollm2-135m-instruct");
  EXPECT_EQ(model.bytes, 98362432U);
  EXPECT_EQ(model.sha256, "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53");
  EXPECT_EQ(std::get<PypiSource>(model.source).parts.size(), 1U);
}

/// The row of docs/catalogue.md that begins with the model's name.
std::string row_of(const std::string& table, const std::string& name) {
  const std::size_t at = table.find("\n| `" + name + "` |");
  if (at == std::string::npos) return {};
  return table.substr(at + 1, table.find('\n', at + 1) - at - 1);
}

TEST(Catalogue, EveryModelHasARowInTheTableThatSaysTheSame) {
  const std::string table = *read_file("docs/catalogue.md", 1 << 20);
  for (const CatalogueModel& model : built_in_catalogue().models) {
    const std::string row = row_of(table, model.name);
    ASSERT_FALSE(row.empty()) << model.name << " is not in it: run tools/twins/table.py";
    const std::string said = !model.cannot_run.empty() ? model.cannot_run
                             : model.verified.empty()  ? "not verified"
                                                       : "verified " + model.verified;
    EXPECT_THAT(row, HasSubstr("| " + said)) << "run tools/twins/table.py";
  }
}

nlohmann::json small_catalogue() {
  return nlohmann::json::parse(R"({"version": 1, "models": [
    {"name": "a", "title": "A", "licence": "MIT", "format": "gguf",
     "source": {"kind": "https", "files": [{"path": "a.gguf", "url": "https://x.org/a.gguf"}]}}]})");
}

/// The message after one field of the model, or of its source or file, was changed.
std::string message_with(const std::string& pointer, const nlohmann::json& value) {
  nlohmann::json json = small_catalogue();
  json[nlohmann::json::json_pointer(pointer)] = value;
  const auto parsed = parse_catalogue(json.dump(), "f.json");
  return parsed.ok() ? "" : parsed.error().message;
}

TEST(Catalogue, FaultsNameFileModelAndField) {
  EXPECT_TRUE(parse_catalogue(small_catalogue().dump(), "f.json").ok());
  EXPECT_EQ(parse_catalogue("{", "f.json").error().message, "f.json is not JSON");
  EXPECT_EQ(message_with("/version", 2), "f.json: version is not 1");
  EXPECT_EQ(message_with("/default", "b"), "f.json: the default model is not listed: b");
  EXPECT_EQ(message_with("/models/0/licence", nullptr),
            "f.json: model a: licence must be a string");
  EXPECT_EQ(message_with("/models/0/size", 3), "f.json: model a: size is not a known field");
  EXPECT_EQ(message_with("/models/0/sampling", {{"temperature", -1}}),
            "f.json: model a: sampling.temperature cannot be -1");
  EXPECT_THAT(message_with("/models/0/sampling", {{"warmth", 1}}), HasSubstr("sampling.warmth"));
  EXPECT_THAT(message_with("/models/0/verified", "yesterday"), HasSubstr("verified is no day"));
  EXPECT_THAT(message_with("/models/0/cannot_run", 1), HasSubstr("cannot_run must be a string"));
  EXPECT_THAT(message_with("/models/0/name", "../a"), HasSubstr("name has characters other than"));
  EXPECT_THAT(message_with("/models/0/format", "exe"), HasSubstr("format is one that no engine"));
  EXPECT_THAT(message_with("/models/0/bytes", -1), HasSubstr("bytes must be a whole number"));
  EXPECT_THAT(message_with("/models/0/sha256", "AB"), HasSubstr("sha256 is not 64"));
  EXPECT_THAT(message_with("/models/0/source/kind", "ftp"), HasSubstr("source: kind is none of"));
  EXPECT_THAT(message_with("/models/0/source/files/0/url", "http://x.org/a"),
              HasSubstr("url does not begin with https://"));
  EXPECT_THAT(message_with("/models/0/source/files/0/path", "../../a"),
              HasSubstr("path leaves the model's folder"));
  EXPECT_THAT(message_with("/models/1", small_catalogue()["models"][0]), HasSubstr("comes twice"));
}

TEST(Catalogue, MemoryNeed) {
  CatalogueModel model;
  EXPECT_EQ(memory_need(model), std::nullopt);
  model.approximate_bytes = 400 << 20;
  EXPECT_EQ(memory_need(model), 564U << 20);
  model.memory = 7;
  EXPECT_EQ(memory_need(model), 7U);
  model.source = SystemSource{};
  EXPECT_EQ(memory_need(model), 0U);
}

/// Their caches are f32, so that the size of the files tells little.
TEST(Catalogue, FoldersOfSafetensorsStateTheirMemory) {
  for (const CatalogueModel& model : built_in_catalogue().models) {
    if (model.format != "safetensors") continue;
    ASSERT_TRUE(model.memory) << model.name;
    EXPECT_GT(*model.memory, *model.approximate_bytes) << model.name;
  }
}

TEST(Catalogue, PathsAndNamesThatEscapeAreUnsafe) {
  for (const char* path : {"a", "a/b.c", "..a/b", "ä"}) EXPECT_TRUE(is_safe_path(path)) << path;
  for (const char* path : {"", "/a", "a/", "a//b", "..", "a/../b", ".", "a\\b", "a\nb", "\xff"}) {
    EXPECT_FALSE(is_safe_path(path)) << path;
  }
  EXPECT_TRUE(is_model_name("qwen3-0.6b_q8"));
  for (const char* name : {"", ".a", "-a", "a/b", "a b"}) EXPECT_FALSE(is_model_name(name)) << name;
}

using UserCatalogue = StoreTest;

TEST_F(UserCatalogue, StandsBesideTheBuiltInOne) {
  EXPECT_EQ(load_catalogue().value().models.size(), built_in_catalogue().models.size());
  const auto file = home_ / "config/catalogues/mine.json";
  write(file, small_catalogue().dump());
  const Catalogue both = load_catalogue().value();
  ASSERT_NE(both.find("a"), nullptr);
  EXPECT_EQ(both.find("a")->origin, file.string());
  EXPECT_NE(both.find("gemma-3-270m"), nullptr);
}

TEST_F(UserCatalogue, MayNotShadow) {
  nlohmann::json json = small_catalogue();
  json["models"][0]["name"] = "gemma-3-270m";
  write(home_ / "config/catalogues/mine.json", json.dump());
  EXPECT_THAT(load_catalogue().error().message,
              HasSubstr("mine.json: the name gemma-3-270m is taken by the built-in catalogue"));
  write(home_ / "config/catalogues/mine.json", "[]");
  EXPECT_THAT(load_catalogue().error().message, HasSubstr("mine.json must be an object"));
}

}  // namespace
}  // namespace tenfold
