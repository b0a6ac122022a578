#include "models/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(Catalogue, BuiltInHasTheTwoModels) {
  const Catalogue& catalogue = built_in_catalogue();
  ASSERT_EQ(catalogue.models.size(), 2U);
  EXPECT_EQ(catalogue.default_name, "smollm2-135m-instruct");
  EXPECT_EQ(catalogue.names(), "smollm2-135m-instruct, gemma-3-270m");
  const CatalogueModel* model = catalogue.find("smollm2-135m-instruct");
  ASSERT_NE(model, nullptr);
  EXPECT_EQ(model->bytes, 98362432U);
  EXPECT_EQ(model->sha256, "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53");
  EXPECT_EQ(catalogue.find("gemma-3-270m")->parts.size(), 4U);
  EXPECT_EQ(catalogue.find("other"), nullptr);
}

TEST(Catalogue, HashesAreWholeAndPartsAreNamed) {
  for (const CatalogueModel& model : built_in_catalogue().models) {
    EXPECT_EQ(model.sha256.size(), 64U) << model.name;
    ASSERT_FALSE(model.parts.empty()) << model.name;
    for (const WheelPart& part : model.parts) {
      EXPECT_EQ(part.wheel_sha256.size(), 64U) << part.package;
      EXPECT_FALSE(part.version.empty()) << part.package;
      EXPECT_FALSE(part.member.empty()) << part.package;
    }
  }
}

TEST(Catalogue, FaultsAreNamed) {
  const auto message = [](const char* text) { return parse_catalogue(text).error().message; };
  EXPECT_THAT(message("{"), ::testing::HasSubstr("catalogue: "));
  EXPECT_THAT(message(R"({"models":[]})"), ::testing::HasSubstr("'default'"));
  EXPECT_EQ(message(R"({"default":"a","models":[]})"),
            "catalogue: the default model is not listed: a");
  EXPECT_EQ(message(R"({"default":"a","models":[{"source":{"kind":"ftp"}}]})"),
            "catalogue: unknown kind of source: ftp");
}

}  // namespace
}  // namespace tenfold
