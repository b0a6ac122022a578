#include "engine/rank.h"

#include <gmock/gmock.h>

namespace tenfold {
namespace {

using testing::ElementsAre;

std::vector<std::string_view> ranked(std::string_view model,
                                     const std::vector<EngineMeasurement>& measurements) {
  std::vector<std::string_view> ids;
  const std::vector<const EngineEntry*> engines{find_engine("coreml"), find_engine("mlx"),
                                                find_engine("swift_transformers")};
  for (const EngineEntry* engine : rank(engines, model, measurements)) ids.push_back(engine->id);
  return ids;
}

TEST(Rank, WithoutMeasurementsTheOrderStays) {
  EXPECT_THAT(ranked("a1", {}), ElementsAre("coreml", "mlx", "swift_transformers"));
  EXPECT_THAT(ranked("", {{"mlx", "", 10}}), ElementsAre("coreml", "mlx", "swift_transformers"));
}

TEST(Rank, TheFastestWithThisModelIsFirst) {
  const std::vector<EngineMeasurement> measurements{{"mlx", "a1", 30},
                                                    {"swift_transformers", "a1", 20},
                                                    {"coreml", "b2", 99},
                                                    {"mlx", "a1", 10},
                                                    {"picollm", "a1", 50}};
  EXPECT_THAT(ranked("a1", measurements), ElementsAre("swift_transformers", "mlx", "coreml"));
  EXPECT_THAT(ranked("b2", measurements), ElementsAre("coreml", "mlx", "swift_transformers"));
}

}  // namespace
}  // namespace tenfold
