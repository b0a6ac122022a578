#include "models/pull_plan.h"

#include <gmock/gmock.h>

#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

constexpr const char* digest = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

std::string listing(const std::string& gated = "false") {
  return R"({"sha": "c0ffee", "gated": )" + gated +
         R"(, "cardData": {"license": "mit"}, "siblings": [
    {"rfilename": "tokenizer.json", "size": 5},
    {"rfilename": "onnx/model_q4.onnx", "size": 7, "lfs": {"sha256": ")" +
         digest + R"("}},
    {"rfilename": "M-Q4_0.gguf", "size": 9, "lfs": {"sha256": ")" +
         digest + R"("}}]})";
}

class PlanTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ::setenv("HF_TOKEN_PATH", (home_ / "none").c_str(), 1);
    ::setenv("HF_ENDPOINT", "http://hub", 1);
  }
  void TearDown() override {
    ::unsetenv("HF_TOKEN_PATH");
    ::unsetenv("HF_TOKEN");
    ::unsetenv("HF_ENDPOINT");
    StoreTest::TearDown();
  }
  Result<PullPlan> plan(const CatalogueModel& model) {
    return plan_pull(model, [this](const std::string& url, const std::string& token) {
      asked_ = url;
      token_ = token;
      return answer_;
    });
  }
  Result<PullPlan> plan(const std::string& text) { return plan(pull_target(text).value()); }

  Result<std::string> answer_ = listing();
  std::string asked_;
  std::string token_;
};

TEST_F(PlanTest, FilesOfTheCommitBehindTheBranch) {
  ::setenv("HF_TOKEN", "secret", 1);
  const PullPlan files = plan("hf:o/My_Model:M-Q4_0.gguf@dev").value();
  EXPECT_EQ(asked_, "http://hub/api/models/o/My_Model/revision/dev?blobs=true");
  EXPECT_EQ(token_, "secret");
  EXPECT_EQ(files.token, "secret");
  EXPECT_EQ(files.name, "m-q4_0");
  EXPECT_EQ(files.source, "hf:o/My_Model@c0ffee");
  EXPECT_EQ(files.licence, "mit");
  ASSERT_EQ(files.files.size(), 1U);
  EXPECT_EQ(files.files[0].url, "http://hub/o/My_Model/resolve/c0ffee/M-Q4_0.gguf");
  EXPECT_EQ(files.files[0].sha256, digest);
  EXPECT_EQ(files.bytes(), 9U);
}

TEST_F(PlanTest, CommonNamesGetTheRepositorysName) {
  const PullPlan files = plan("hf:o/My_Model:onnx/model_q4.onnx").value();
  EXPECT_EQ(files.name, "my_model-model_q4");
  ASSERT_EQ(files.files.size(), 2U);
  EXPECT_EQ(files.files[0].path, "model_q4.onnx");
  EXPECT_EQ(files.files[1].path, "tokenizer.json");
}

TEST_F(PlanTest, GatedSaysHowToGetAccess) {
  answer_ = listing("\"manual\"");
  const Error error = plan("hf:o/m:q4_0").error();
  EXPECT_EQ(error.code, ErrorCode::permission_denied);
  EXPECT_EQ(error.hint,
            "accept its licence on http://hub/o/m and set HF_TOKEN to a token from "
            "http://hub/settings/tokens");
  answer_ = fail(ErrorCode::permission_denied, "no");
  EXPECT_THAT(plan("hf:o/m").error().hint, HasSubstr("set HF_TOKEN"));
  ::setenv("HF_TOKEN", "secret", 1);
  answer_ = listing("\"manual\"");
  EXPECT_TRUE(plan("hf:o/m:q4_0").ok());
}

TEST_F(PlanTest, WhatTheCatalogueSaysMustHold) {
  CatalogueModel model;
  model.name = "a";
  model.licence = "X";
  model.source = HubSource{"o/m", "main", "q4_0"};
  model.sha256 = digest;
  model.bytes = 9;
  EXPECT_EQ(plan(model).value().name, "a");
  EXPECT_EQ(plan(model).value().licence, "X");
  model.bytes = 10;
  EXPECT_EQ(plan(model).error().message, "a has another size on the hub than the catalogue says");
  model.sha256[0] = '0';
  EXPECT_EQ(plan(model).error().message,
            "a has another SHA-256 on the hub than the catalogue says");
}

TEST_F(PlanTest, UrlsBecomeNames) {
  const PullPlan file = plan("https://x.org/d/My%20Model.Q4.GGUF?download=true").value();
  EXPECT_EQ(file.name, "my-20model.q4");
  EXPECT_EQ(file.files.at(0).path, "my-20model.q4.gguf");
  EXPECT_EQ(file.files.at(0).url, "https://x.org/d/My%20Model.Q4.GGUF?download=true");
  EXPECT_EQ(file.bytes(), std::nullopt);
  EXPECT_TRUE(is_model_name(pull_target("https://x.org/..%2f..%2fetc").value().name));
  for (const char* wrong : {"https://x.org", "https://x.org/", "https://x.org/a/?b/c"}) {
    EXPECT_EQ(pull_target(wrong).error().code, ErrorCode::invalid_argument) << wrong;
  }
}

TEST_F(PlanTest, NamesThatAreUnknownOrNoDownloads) {
  EXPECT_THAT(pull_target("tinyllama").error().hint, HasSubstr("tinyllama-1.1b-chat"));
  EXPECT_THAT(pull_target("frob").error().hint, HasSubstr("tenfold search"));
  EXPECT_THAT(plan("gemma-2b-it-picollm").error().hint, HasSubstr("console.picovoice.ai/picollm"));
  EXPECT_THAT(plan("apple-foundation-model").error().message, HasSubstr("nothing to pull"));
}

}  // namespace
}  // namespace tenfold
