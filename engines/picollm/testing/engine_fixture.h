// An engine over the stand-in, with a model of it loaded.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/files.h"
#include "picollm_engine.h"
#include "stand_in.h"

namespace tenfold::picollm {

class EngineTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::temp_directory_path() / ("tenfold-picollm-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    engine_ = make_picollm_engine();
    ASSERT_EQ(engine_->capabilities().version, "stand-in");
    const auto info = load("phi3 stand-in");
    ASSERT_TRUE(info.ok()) << info.error().message;
  }
  void TearDown() override {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string write_model(const std::string& name) {
    EXPECT_TRUE(write_file_atomically(folder_ / "m.pllm", stand_in::model_file(name)).ok());
    return folder_ / "m.pllm";
  }

  Result<ModelInfo> load(const std::string& name, LoadOptions options = {}) {
    options.engine_options.try_emplace("access_key", std::string("a key of the tests"));
    return engine_->initialize({.path = write_model(name)}, options, {});
  }

  static Request ask(const std::string& question) {
    Request request;
    request.prompt = std::vector<Message>{{"user", question}};
    request.sampling.temperature = 0;
    request.max_tokens = 200;
    return request;
  }

  std::unique_ptr<Engine> engine_;
  std::filesystem::path folder_;
};

}  // namespace tenfold::picollm
