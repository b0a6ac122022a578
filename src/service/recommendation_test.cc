#include "service/recommendation.h"

#include <gtest/gtest.h>

#include "models/catalogue.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

class RecommendationTest : public StoreTest {
 protected:
  /// A catalogue of the user's with one entry.
  void write_catalogue(const std::string& rest) {
    write(home_ / "config/catalogues/mine.json",
          R"({"version": 1, "models": [{"name": "mine", "title": "M", "licence": "MIT",
             "format": "gguf", "sampling": {"temperature": 0.3, "top_k": 5},
             "source": {"kind": "https", "files": [{"path": "m", "url": "https://x.org/m"}]})" +
              rest + "}]}");
  }
  static StoredModel stored(const std::string& name, const std::string& sha256) {
    StoredModel model;
    model.name = name;
    model.files = {{"/m.gguf", 1, sha256, 0}};
    return model;
  }
};

const std::string digest(64, 'a');

TEST_F(RecommendationTest, TheFilesOwnWithoutACatalogue) {
  ModelDescription model;
  model.sampling.temperature = 0.6;
  EXPECT_EQ(recommended_sampling(model, nullptr), model.sampling);
  const StoredModel other = stored("other", digest);
  EXPECT_EQ(recommended_sampling(model, &other), model.sampling);
}

TEST_F(RecommendationTest, AnEntryWithTheSameDigestComesBeforeTheFile) {
  write_catalogue(", \"sha256\": \"" + digest + "\"");
  ModelDescription model;
  model.sampling.temperature = 0.6;
  model.sampling.top_p = 0.5;
  const StoredModel same = stored("renamed", digest);
  const Sampling sampling = recommended_sampling(model, &same);
  EXPECT_EQ(sampling.temperature, 0.3);
  EXPECT_EQ(sampling.top_k, 5);
  EXPECT_EQ(sampling.top_p, 0.5);
  const StoredModel other = stored("mine", std::string(64, 'b'));
  EXPECT_EQ(recommended_sampling(model, &other), model.sampling) << "another file of that name";
}

TEST_F(RecommendationTest, AnEntryWithoutADigestIsKnownByTheNameItWasPulledBy) {
  write_catalogue("");
  StoredModel model = stored("mine", digest);
  EXPECT_EQ(recommended_sampling({}, &model).temperature, 0.3);
  model.origin = ModelOrigin::imported;
  EXPECT_EQ(recommended_sampling({}, &model), Sampling());
}

TEST_F(RecommendationTest, TheDefaultModelHasOne) {
  const CatalogueModel& entry = *built_in_catalogue().find("smollm2-135m-instruct");
  EXPECT_NE(entry.sampling, Sampling());
  const StoredModel model = stored("x", entry.sha256);
  EXPECT_EQ(recommended_sampling({}, &model), entry.sampling);
}

}  // namespace
}  // namespace tenfold
