#include "models/store.h"

#include "base/sha256.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

CatalogueModel small_model() {
  CatalogueModel model;
  model.name = "small";
  model.format = "gguf";
  model.bytes = 3;
  model.sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  return model;
}

TEST_F(StoreTest, StoredNeedsTheRightSizeAndRecord) {
  CatalogueModel model = small_model();
  EXPECT_FALSE(is_stored(model));
  write(stored_path(model), "abc");
  EXPECT_FALSE(is_stored(model));
  ASSERT_TRUE(record_as_stored(model).ok());
  EXPECT_TRUE(is_stored(model));
  model.sha256[0] = '0';
  EXPECT_FALSE(is_stored(model));
  model = small_model();
  write(stored_path(model), "ab");
  EXPECT_FALSE(is_stored(model));
}

TEST_F(StoreTest, HashOfAFile) {
  write(home_ / "abc", "abc");
  EXPECT_EQ(sha256_of_file(home_ / "abc").value(), small_model().sha256);
  EXPECT_EQ(sha256_of_file(home_ / "none").error().code, ErrorCode::not_found);
  EXPECT_FALSE(sha256_of_file(home_).ok());
}

TEST_F(StoreTest, ResolvesPathsAndExplainsWhatIsMissing) {
  write(home_ / "model.gguf", "abc");
  EXPECT_EQ(resolve_model((home_ / "model.gguf").string()).value(), home_ / "model.gguf");
  const Error absent = resolve_model("smollm2-135m-instruct").error();
  EXPECT_EQ(absent.code, ErrorCode::not_found);
  EXPECT_EQ(absent.hint, "run: tenfold pull smollm2-135m-instruct");
  EXPECT_EQ(resolve_model("./nothing.gguf").error().message, "there is no file ./nothing.gguf");
  EXPECT_EQ(resolve_model("nothing").error().hint,
            "give the path of a model file, or one of: " + built_in_catalogue().names());
}

}  // namespace
}  // namespace tenfold
