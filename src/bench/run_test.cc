#include "bench/run.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "bench/history.h"

namespace tenfold {
namespace {

BenchRun example() {
  BenchRun run;
  run.id = 3;
  run.plan.models = {{"a", ""}};
  run.plan.speed = {{16}, {8}, 2};
  SpeedReport report;
  report.rows = {{"pp16", 16, 0, {10, 20}, {0.5, 1}}, {"tg8", 8, 0, {5, 5}, {}}};
  report.peak_memory_bytes = 7;
  ModelInfo info;
  info.load_seconds = 2;
  run.rows.push_back({{"a", ""}, "llama_cpp"});
  run.rows[0].metrics = metrics_of(report, info);
  return run;
}

TEST(BenchRun, NumbersHaveNamesAndUnits) {
  const Json json = to_json(example());
  EXPECT_EQ(json["id"], "3");
  EXPECT_EQ(json["total"], 6);
  const Json& metrics = json["rows"][0]["metrics"];
  ASSERT_EQ(metrics.size(), 5U);
  EXPECT_EQ(metrics[0]["name"], "pp16");
  EXPECT_EQ(metrics[0]["mean"], 15);
  EXPECT_NEAR(metrics[0]["sd"].get<double>(), 7.071, 0.001);
  EXPECT_EQ(metrics[1]["name"], "ttft16");
  EXPECT_EQ(metrics[1]["better"], "lower");
  EXPECT_EQ(metrics[2]["name"], "tg8");
  EXPECT_EQ(metrics[3]["sd"], Json()) << "one value";
  EXPECT_EQ(metrics[4]["unit"], "bytes");
}

TEST(BenchRun, ADepthStandsInNamesAndTitles) {
  SpeedReport report;
  report.rows = {{"pp16@d64", 16, 64, {10}, {0.5}}};
  const std::vector<Metric> metrics = metrics_of(report, {});
  EXPECT_EQ(metrics[0].name, "pp16@d64");
  EXPECT_EQ(metrics[0].title, "prompt of 16 tokens after 64 others");
  EXPECT_EQ(metrics[1].name, "ttft16@d64");
  EXPECT_EQ(metrics[1].title, "first token of a prompt of 16 tokens after 64 others");
}

TEST(BenchRun, TheContextHoldsTheLongestRun) {
  EXPECT_EQ(longest_run({{16, 512}, {8}, 1}), 513);
  EXPECT_EQ(longest_run({{16}, {64}, 1}), 66);
}

TEST(BenchRun, TablesQuoteWhatCouldBeMisread) {
  Json json = to_json(example());
  json["rows"][0]["model"] = "=a\"b";
  EXPECT_THAT(to_csv(json),
              ::testing::StartsWith(
                  "model,engine,engine_version,threads,context_size,metric,unit,mean,sd,samples\r\n"
                  "\"'=a\"\"b\",\"llama_cpp\",\"\",\"0\",\"0\",\"pp16\",\"tok/s\",\"15.0\","));
}

TEST(BenchHistory, KeepsRuns) {
  const std::string path = ::testing::TempDir() + "bench-history-test/benchmarks.db";
  std::filesystem::remove_all(::testing::TempDir() + "bench-history-test");
  std::int64_t id = 0;
  {
    BenchHistory history = BenchHistory::open(path).value();
    id = history.add().value();
    ASSERT_TRUE(history.save(id, {{"id", "1"}, {"name", "x"}}).ok());
  }
  BenchHistory history = BenchHistory::open(path).value();
  EXPECT_EQ(history.find(id).value()["name"], "x");
  EXPECT_EQ(history.list()->size(), 1U);
  ASSERT_TRUE(history.remove(id).ok());
  EXPECT_EQ(history.remove(id).error().code, ErrorCode::not_found);
  EXPECT_EQ(history.find(id).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace tenfold
