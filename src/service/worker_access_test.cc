#include "service/worker_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/options.h"

namespace tenfold {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ResolvedModel model() {
  ResolvedModel model;
  model.path = model.file = "/models/m.gguf";
  model.files = {"/models/m.gguf", "/models/adapter.json", "/models/m.gguf"};
  return model;
}

TEST(WorkerAccess, IsTheModelsFilesAndTheFolderThatAnOptionHasByDefault) {
  const WorkerAccess access = worker_access(model(), {}, *find_engine("litert"));
  EXPECT_THAT(access.read, ElementsAre("/models/adapter.json", "/models/m.gguf"));
  EXPECT_THAT(access.write, ElementsAre(default_option_folder("litert")));
  EXPECT_FALSE(access.network);
  EXPECT_FALSE(access.executable_memory);
}

TEST(WorkerAccess, AFolderOfTheUsersTakesThePlaceOfTheDefaultAndNoneIsNone) {
  LoadOptions load;
  load.engine_options["weight_cache"] = std::string("/mine");
  EXPECT_THAT(worker_access(model(), load, *find_engine("litert")).write, ElementsAre("/mine"));
  load.engine_options["weight_cache"] = std::string();
  EXPECT_THAT(worker_access(model(), load, *find_engine("litert")).write, IsEmpty());
}

TEST(WorkerAccess, AFolderMayHaveNoDefault) {
  LoadOptions load;
  EXPECT_THAT(worker_access(model(), load, *find_engine("picollm")).write, IsEmpty());
  load.engine_options["context_folder"] = std::string("/mine");
  EXPECT_THAT(worker_access(model(), load, *find_engine("picollm")).write, ElementsAre("/mine"));
}

TEST(WorkerAccess, OptionsNameMorePathsAndHosts) {
  LoadOptions load;
  load.engine_options = {{"lora", std::string("/b.gguf;0.5,/a.gguf")},
                         {"rpc", std::string()},
                         {"kv_cache_type_k", std::string("/no.path")}};
  const EngineEntry& engine = *find_engine("llama_cpp");
  WorkerAccess access = worker_access(model(), load, engine);
  EXPECT_THAT(access.read,
              ElementsAre("/a.gguf", "/b.gguf", "/models/adapter.json", "/models/m.gguf"));
  EXPECT_THAT(access.write, IsEmpty());
  EXPECT_FALSE(access.network);
  load.engine_options["rpc"] = std::string("10.0.0.1:1");
  EXPECT_TRUE(worker_access(model(), load, engine).network);
}

TEST(WorkerAccess, TheEnginesOwnNeedsCount) {
  EXPECT_TRUE(worker_access(model(), {}, *find_engine("picollm")).network);
  const Json json = to_json(worker_access(model(), {}, *find_engine("mlc")));
  EXPECT_EQ(json["executable_memory"], true);
  EXPECT_EQ(json["network"], false);
  EXPECT_EQ(json["read"], Json::array({"/models/adapter.json", "/models/m.gguf"}));
}

}  // namespace
}  // namespace tenfold
