#include "service/service.h"

#include <gmock/gmock.h>

#include "models/import.h"
#include "models/store_fixture.h"
#include "service/inspect.h"

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
  write(home_ / "model.gguf", small_gguf());
  const std::string path = (home_ / "model.gguf").string();
  const Error absent = choose_engine(store_, path, "").error();
  EXPECT_EQ(absent.code, ErrorCode::unavailable);
  EXPECT_THAT(absent.message, HasSubstr("llama.cpp is not available"));
  EXPECT_FALSE(absent.hint.empty());
  EXPECT_EQ(choose_engine(store_, path, "llama_cpp").value().engine->id, "llama_cpp");
  const Error unknown = choose_engine(store_, path, "llama").error();
  EXPECT_EQ(unknown.code, ErrorCode::invalid_argument);
  EXPECT_THAT(unknown.hint, HasSubstr("llama_cpp, coreml"));
  EXPECT_EQ(choose_engine(store_, "./none", "").error().code, ErrorCode::not_found);
  EXPECT_EQ(start_engine(*find_engine("mlc")).error().code, ErrorCode::unavailable);
}

TEST_F(ServiceTest, FilesThatAreNoModelsAreRefused) {
  write(home_ / "text.gguf", "hello");
  EXPECT_EQ(choose_engine(store_, (home_ / "text.gguf").string(), "").error().code,
            ErrorCode::bad_model);
  EXPECT_EQ(choose_engine(store_, home_.string(), "").error().code, ErrorCode::bad_model);
}

TEST_F(ServiceTest, ResolvesANameToItsFilesTextAndDigest) {
  const auto folder = std::filesystem::absolute("tests/models/tiny-llama/onnx-f32");
  ImportOptions named;
  named.name = "small";
  Imported imported = import_model(store_, folder, named).value();
  ASSERT_TRUE(store_.set_hash("small", imported.model.path, "00ff").ok());
  const auto model = resolve_model(store_, "small");
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(model->name, "small");
  EXPECT_EQ(model->format, "onnx");
  EXPECT_EQ(model->file, folder / "model.onnx");
  EXPECT_EQ(model->architecture, "llama");
  EXPECT_EQ(model->sha256, "00ff");
  EXPECT_EQ(model->text.tokenizer, folder / "tokenizer.json");
  EXPECT_FALSE(model->text.chat_template.empty());
  EXPECT_EQ(model->text.ends.front(), 2);
}

TEST_F(ServiceTest, AFolderOfSeveralFormsIsTheOneThatTheEngineOpens) {
  const std::filesystem::path folder = home_ / "forms";
  std::filesystem::copy("tests/models/tiny-llama/mlx-bf16", folder);
  std::filesystem::copy_file("tests/models/tiny-llama/onnx-f32/model.onnx", folder / "model.onnx");
  const auto format = [&](std::string_view engine) {
    return choose_engine(store_, folder.string(), engine).value().model.format;
  };
  EXPECT_EQ(format("onnxruntime"), "onnx");
  EXPECT_EQ(format("mlx"), "safetensors");
  EXPECT_THAT(choose_engine(store_, folder.string(), "litert").error().message,
              HasSubstr("is onnx, which LiteRT does not open"));
}

TEST_F(ServiceTest, WhatCannotRunIsRefusedByImportWithTheSameSentence) {
  std::filesystem::create_directories(home_ / "folder");
  std::filesystem::copy_file("tests/models/tiny-llama/onnx-f32/model.onnx",
                             home_ / "folder/model.onnx");
  const Error run = choose_engine(store_, (home_ / "folder").string(), "").error();
  EXPECT_THAT(run.message, HasSubstr("there is no tokenizer in " + (home_ / "folder").string()));
  const Error imported = import_model(store_, home_ / "folder", {}).error();
  EXPECT_EQ(imported.message, run.message);
  EXPECT_EQ(imported.hint, run.hint);
  const auto inspected = inspect_model(store_, home_ / "folder", 0, {});
  ASSERT_TRUE(inspected.ok()) << inspected.error().message;
  for (const Json& engine : (*inspected)["engines"]) {
    if (engine["opens_format"] == true) {
      EXPECT_EQ(engine["reason"], run.message);
    }
    EXPECT_EQ(engine["can_run"], false);
  }
}

TEST_F(ServiceTest, ANamedEngineHasToOpenTheFormat) {
  write(home_ / "model.gguf", small_gguf());
  const Error error = choose_engine(store_, (home_ / "model.gguf").string(), "onnxruntime").error();
  EXPECT_EQ(error.code, ErrorCode::unsupported);
  EXPECT_THAT(error.message, HasSubstr("is gguf, which ONNX Runtime does not open"));
}

}  // namespace
}  // namespace tenfold
