#include "service/service.h"

#include <gmock/gmock.h>

#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

/// TENFOLD_HOME is empty and no engine is installed, until a test writes one.
class ServiceTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ::setenv("TENFOLD_ENGINE_PATH", home_.c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TENFOLD_ENGINE_PATH");
    StoreTest::TearDown();
  }
};

TEST_F(ServiceTest, TenRowsEvenWhenNothingIsInstalled) {
  const std::vector<EngineReport> reports = report_engines();
  ASSERT_EQ(reports.size(), 10U);
  for (const EngineReport& report : reports) {
    EXPECT_NE(report.status, EngineStatus::present) << report.entry->id;
    EXPECT_FALSE(report.reason.empty()) << report.entry->id;
    EXPECT_FALSE(report.entry->how_to_get.empty()) << report.entry->id;
  }
  EXPECT_EQ(reports[0].entry->id, "llama_cpp");
  EXPECT_EQ(to_string(reports[0].status), "absent");
}

TEST_F(ServiceTest, AWorkerThatFailsIsUnavailableWithItsReason) {
  write(home_ / "tenfold-engine-llama_cpp", "#!/bin/sh\necho 'no library' >&2\nexit 1\n");
  std::filesystem::permissions(home_ / "tenfold-engine-llama_cpp",
                               std::filesystem::perms::owner_all);
  const EngineReport report = report_engine(*find_engine("llama_cpp"));
  EXPECT_EQ(to_string(report.status), "unavailable");
  EXPECT_THAT(report.reason, HasSubstr("no library"));
}

TEST_F(ServiceTest, ChoosesByFormatAndExplainsWhatIsMissing) {
  write(home_ / "model.gguf", std::string("GGUF\3\0\0\0", 8) + std::string(24, '\0'));
  const std::string path = (home_ / "model.gguf").string();
  const Error absent = choose_engine(path, "").error();
  EXPECT_EQ(absent.code, ErrorCode::unavailable);
  EXPECT_THAT(absent.message, HasSubstr("llama.cpp is not available"));
  EXPECT_FALSE(absent.hint.empty());
  EXPECT_EQ(choose_engine(path, "llama_cpp").value().engine->id, "llama_cpp");
  const Error unknown = choose_engine(path, "llama").error();
  EXPECT_EQ(unknown.code, ErrorCode::invalid_argument);
  EXPECT_THAT(unknown.hint, HasSubstr("llama_cpp, coreml"));
  EXPECT_EQ(choose_engine("./none", "").error().code, ErrorCode::not_found);
  EXPECT_EQ(start_engine(*find_engine("mlx")).error().code, ErrorCode::unavailable);
}

TEST_F(ServiceTest, FilesThatAreNoModelsAreRefused) {
  write(home_ / "text.gguf", "hello");
  EXPECT_EQ(choose_engine((home_ / "text.gguf").string(), "").error().code, ErrorCode::bad_model);
  EXPECT_EQ(choose_engine(home_.string(), "").error().code, ErrorCode::bad_model);
}

}  // namespace
}  // namespace tenfold
