#include "models/hub.h"

#include <gmock/gmock.h>

#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

constexpr const char* listing = R"({
  "id": "o/m", "sha": "0123abc", "gated": "manual", "cardData": {"license": "mit"},
  "siblings": [
    {"rfilename": "config.json", "size": 12, "blobId": "1"},
    {"rfilename": "a/model.gguf", "size": 5000000000, "lfs": {"size": 5000000000, "pointerSize": 134,
     "sha256": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"}}]})";

TEST(Hub, ListingGivesSizesAndDigests) {
  const HubRepository repository = parse_hub_listing(listing, "o/m").value();
  EXPECT_EQ(repository.commit, "0123abc");
  EXPECT_EQ(repository.licence, "mit");
  EXPECT_TRUE(repository.gated);
  ASSERT_EQ(repository.files.size(), 2U);
  EXPECT_EQ(repository.files[0].sha256, "");
  EXPECT_EQ(repository.files[0].bytes, 12U);
  EXPECT_EQ(repository.files[1].bytes, 5000000000U);
  EXPECT_TRUE(repository.files[1].sha256.starts_with("b179c"));
}

TEST(Hub, StrangeListingsAreRefused) {
  const auto message = [](const std::string& text) {
    return parse_hub_listing(text, "o/m").error().message;
  };
  EXPECT_THAT(message("<html>"), HasSubstr("list of files of o/m is not what a hub sends"));
  EXPECT_THAT(message(R"({"siblings": []})"), HasSubstr("names no commit"));
  EXPECT_THAT(message(R"({"sha": "../x", "siblings": []})"), HasSubstr("names no commit"));
  EXPECT_THAT(message(R"({"sha": "1", "siblings": [7]})"), HasSubstr("no file"));
  for (const char* path : {"../x", "/etc/passwd", "a/../../b", ""}) {
    EXPECT_THAT(
        message(std::string(R"({"sha": "1", "siblings": [{"rfilename": ")") + path + "\"}]}"),
        HasSubstr("leave the model's folder"))
        << path;
  }
}

TEST(Hub, NamesOnTheCommandLine) {
  const HubSource whole = parse_hub_name("o/m").value();
  EXPECT_EQ(whole.repo, "o/m");
  EXPECT_EQ(whole.revision, "main");
  EXPECT_EQ(whole.select, "");
  const HubSource part = parse_hub_name("o/m:onnx/x.onnx@v1").value();
  EXPECT_EQ(part.repo, "o/m");
  EXPECT_EQ(part.select, "onnx/x.onnx");
  EXPECT_EQ(part.revision, "v1");
  for (const char* wrong : {"", "o", "o/", "/m", "o/m/x", "o/../m", "o/m:", "o/m:../x", "o/m@"}) {
    EXPECT_FALSE(parse_hub_name(wrong).ok()) << wrong;
  }
}

using HubEnvironment = StoreTest;

TEST_F(HubEnvironment, EndpointAndUrls) {
  ::setenv("HF_ENDPOINT", "http://h:1/", 1);
  EXPECT_EQ(hub_listing_url({"o/m", "refs/pr/1", ""}),
            "http://h:1/api/models/o/m/revision/refs%2Fpr%2F1?blobs=true");
  EXPECT_EQ(hub_file_url("o/m", "c0", "a b/ü?.gguf"),
            "http://h:1/o/m/resolve/c0/a%20b/%C3%BC%3F.gguf");
  ::unsetenv("HF_ENDPOINT");
  EXPECT_EQ(hub_endpoint(), "https://huggingface.co");
}

TEST_F(HubEnvironment, TokenComesFromTheVariableOrTheFile) {
  ::unsetenv("HF_TOKEN");
  ::setenv("HF_HOME", home_.c_str(), 1);
  EXPECT_EQ(hub_token(), "");
  write(home_ / "token", "hf_file\n");
  EXPECT_EQ(hub_token(), "hf_file");
  ::setenv("HF_TOKEN", "hf_variable", 1);
  EXPECT_EQ(hub_token(), "hf_variable");
  ::unsetenv("HF_TOKEN");
  ::unsetenv("HF_HOME");
}

}  // namespace
}  // namespace tenfold
