// What is said of models before they are downloaded.
#include "service/outlook.h"

#include <gmock/gmock.h>

#include "models/index.h"
#include "models/place.h"
#include "models/store_fixture.h"
#include "service/search.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

/// llama.cpp and LiteRT are installed, by the names of their workers.
class OutlookTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ::setenv("TENFOLD_ENGINE_PATH", home_.c_str(), 1);
    for (const char* id : {"llama_cpp", "litert"}) {
      const auto worker = home_ / ("tenfold-engine-" + std::string(id));
      write(worker, "#!/bin/sh\n");
      std::filesystem::permissions(worker, std::filesystem::perms::owner_all);
    }
  }
  void TearDown() override {
    ::unsetenv("TENFOLD_ENGINE_PATH");
    StoreTest::TearDown();
  }

  static CatalogueModel model(const char* format) {
    CatalogueModel made;
    made.name = "a";
    made.format = format;
    made.bytes = 1;
    return made;
  }
};

TEST_F(OutlookTest, AFormThatRanIsVerified) {
  CatalogueModel ran = model("gguf");
  ran.verified = "2026-11-30";
  EXPECT_EQ(to_json(outlook(ran)), Json::parse(R"({"state": "verified", "day": "2026-11-30",
                                                   "why": null, "instead": null})"));
  EXPECT_EQ(download_warning(ran), "");
  EXPECT_EQ(fits(ran, outlook(ran)), true);
}

TEST_F(OutlookTest, AFormThatNobodyTriedIsSaidToBeOne) {
  EXPECT_EQ(to_json(outlook(model("gguf")))["state"], "unverified");
  EXPECT_EQ(fits(model("gguf"), outlook(model("gguf"))), true);
  EXPECT_EQ(download_warning(model("gguf")), "") << "not of the catalogue";
  CatalogueModel known = model("gguf");
  known.name = built_in_catalogue().default_name;
  EXPECT_EQ(download_warning(known),
            "no file in the form of " + known.name + " has been tried with Tenfold yet");
}

TEST_F(OutlookTest, AFormThatCannotRunNeverFits) {
  CatalogueModel refused = model("litertlm");
  refused.homepage = built_in_catalogue().find("qwen3-0.6b")->homepage;
  refused.cannot_run = "it has wheels";
  EXPECT_EQ(to_json(outlook(refused)), Json::parse(R"({"state": "cannot_run", "day": null,
                                                       "why": "it has wheels",
                                                       "instead": "take qwen3-0.6b"})"));
  EXPECT_EQ(download_warning(refused), "a does not run here: it has wheels; take qwen3-0.6b");
  EXPECT_EQ(fits(refused, outlook(refused)), false);
  EXPECT_EQ(to_json(refused)["fits"], false);
}

TEST_F(OutlookTest, AnEngineThatIsNotInstalledIsNamedWithWhatToDo) {
  const std::string warning = download_warning(model("onnx"));
  EXPECT_THAT(warning, HasSubstr("it needs ONNX Runtime: its worker program"));
  EXPECT_THAT(warning, HasSubstr("engines add onnxruntime"));
  EXPECT_EQ(fits(model("onnx"), outlook(model("onnx"))), false);
}

TEST_F(OutlookTest, AnotherFormOfTheSameModelIsOffered) {
  const CatalogueModel* mlx = built_in_catalogue().find("qwen3-0.6b-mlx");
  ASSERT_NE(mlx, nullptr);
  EXPECT_THAT(outlook(*mlx).instead, HasSubstr("or take qwen3-0.6b"));
}

TEST_F(OutlookTest, AModelThatIsHereNeedsItsEngineAndItsFiles) {
  StoredModel stored;
  stored.name = "a";
  stored.format = "litertlm";
  EXPECT_EQ(why_not_here(stored), "");
  EXPECT_EQ(listed(stored)["why_not"], nullptr);
  stored.format = "pte";
  EXPECT_THAT(why_not_here(stored), HasSubstr("it needs ExecuTorch"));
  EXPECT_EQ(listed(stored)["why_not"], why_not_here(stored));
  stored.format = "gguf";
  stored.files = {{home_ / "gone.gguf", 1, {}, 0}};
  EXPECT_THAT(why_not_here(stored), HasSubstr("gone.gguf is gone"));
}

TEST_F(OutlookTest, AModelThatAnIndexMadeAnewFoundIsLookedAtWhenItIsListed) {
  std::string odd = small_gguf();
  for (auto at = odd.find("llama"); at != std::string::npos; at = odd.find("llama")) {
    odd.replace(at, 5, "words");
  }
  write(models_folder() / "odd.gguf", odd);
  write(models_folder() / "one.gguf", small_gguf());
  write(index_path(), std::string(5000, 'x'));
  EXPECT_EQ(
      why_not_here(*store_.find("odd").value()),
      (models_folder() / "odd.gguf").string() +
          " has the architecture \"words\", which llama.cpp does not know; the model may need "
          "a newer llama.cpp");
  EXPECT_EQ(why_not_here(*store_.find("one").value()), "");
}

TEST_F(OutlookTest, WhatIsOfNoCatalogueIsNotWarnedOf) {
  EXPECT_EQ(download_warning(CatalogueModel()), "");
}

}  // namespace
}  // namespace tenfold
