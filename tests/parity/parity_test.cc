// Every fixture on its engine; prints a table at the end.
//   parity_test [--expect=ID,ID…] [gtest options]
// A fixture whose engine is not installed is skipped, by name, unless --expect lists the engine.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "parity/table.h"
#include "service/service.h"
#include "suite.h"

namespace tenfold::parity {
namespace {

std::vector<std::string> expected_engines;

bool is_expected(const std::string& engine) {
  return std::ranges::find(expected_engines, engine) != expected_engines.end();
}

class Table : public ::testing::Environment {
 public:
  void add(const Fixture& fixture, const std::string& words) {
    rows_.push_back(
        {fixture.engine, fixture.name, fixture.precision, "", "", "", "", "", "", "", words});
  }

  void add(const Fixture& fixture, const FixtureReport& report) {
    const auto of = [](std::size_t part, std::size_t all) {
      return fmt::format("{}/{}", part, all);
    };
    const std::size_t known = report.known.cases.size();
    const std::size_t free = report.free.cases.size();
    const CaseReport* parted = report.known.first_divergence();
    if (parted == nullptr) parted = report.free.first_divergence();
    rows_.push_back(
        {fixture.engine, fixture.name, fixture.precision, of(report.texts_same, report.texts),
         of(known - report.known.text_differences(), known), of(report.known.same_answers(), known),
         of(report.free.same_answers(), free),
         fmt::format("{:.1f} %", report.free.agreement() * 100),
         report.free.mean_kl() ? fmt::format("{:.6f}", *report.free.mean_kl()) : "-",
         report.score_difference ? fmt::format("{:.5f}", *report.score_difference) : "-",
         parted == nullptr ? "none" : parted->name + ": " + describe(*parted->divergence)});
  }

  void TearDown() override { std::cout << '\n' << text_table(rows_) << '\n'; }

 private:
  std::vector<std::vector<std::string>> rows_{{"engine", "fixture", "precision", "tokenizer",
                                               "template", "known", "free", "top-1", "mean KL",
                                               "score", "first divergence"}};
};

Table* table = nullptr;

class Parity : public ::testing::TestWithParam<Fixture> {};

TEST_P(Parity, SaysWhatTheReferenceSays) {
  Fixture fixture = GetParam();
  const EngineEntry* entry = find_engine(fixture.engine);
  ASSERT_NE(entry, nullptr) << "fixtures.json names an unknown engine " << fixture.engine;
  if (!is_installed(*entry)) {
    table->add(fixture, "the engine is absent");
    ASSERT_FALSE(is_expected(fixture.engine)) << fixture.engine << " is absent, but expected";
    GTEST_SKIP() << fixture.engine << " is absent";
  }
  auto engine = start_engine(*entry);
  ASSERT_TRUE(engine.ok()) << engine.error().message;
  ModelStore store;
  const auto choice =
      choose_engine(store, fixture.path, fixture.engine);  // a folder becomes a file
  ASSERT_TRUE(choice.ok()) << choice.error().message;
  fixture.path = choice->model.path;
  const auto report = check_fixture(**engine, fixture, read_reference(fixture.model));
  if (!report.ok()) table->add(fixture, report.error().message);
  ASSERT_TRUE(report.ok()) << report.error().message;
  table->add(fixture, *report);
  EXPECT_TRUE(report->faults.empty()) << fmt::format("{}", fmt::join(report->faults, "\n"));
}

INSTANTIATE_TEST_SUITE_P(, Parity, ::testing::ValuesIn(read_fixtures()), [](const auto& test) {
  std::string name = test.param.engine + "_" + test.param.name;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});

TEST(Expected, EnginesHaveFixtures) {
  const std::vector<Fixture> fixtures = read_fixtures();
  for (const std::string& engine : expected_engines) {
    EXPECT_TRUE(std::ranges::count(fixtures, engine, &Fixture::engine) > 0)
        << "fixtures.json has no row for " << engine;
  }
}

}  // namespace
}  // namespace tenfold::parity

int main(int count, char** arguments) {
  using namespace tenfold::parity;
  ::testing::InitGoogleTest(&count, arguments);
  constexpr std::string_view option = "--expect=";
  for (int i = 1; i < count; ++i) {
    if (!std::string_view(arguments[i]).starts_with(option)) {
      std::cerr << "parity_test: unknown argument " << arguments[i] << '\n';
      return 2;
    }
    std::istringstream names(std::string(arguments[i]).substr(option.size()));
    for (std::string name; std::getline(names, name, ',');) expected_engines.push_back(name);
  }
  table = new Table;  // owned by gtest
  ::testing::AddGlobalTestEnvironment(table);
  return RUN_ALL_TESTS();
}
