#include "models/fetch_files.h"

#include <gmock/gmock.h>

#include <map>

#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

/// Fetches from a table of contents instead of the web.
class FetchTest : public StoreTest {
 protected:
  Result<DetectedModel> fetch(const std::string& format = "") {
    return fetch_files(
        plan_, folder(), format,
        [this](const SourceFile& file, const std::filesystem::path& target, const std::string&,
               const std::function<void(const FileProgress&)>& on_progress) -> Result<void> {
          if (!contents_.contains(file.url)) return fail(ErrorCode::not_found, "no " + file.url);
          write(target, contents_[file.url]);
          on_progress({contents_[file.url].size(), 2.0});
          return {};
        },
        [this](const PullProgress& progress) { seen_.push_back(progress); });
  }
  void add(const std::string& path, const std::string& content) {
    contents_["u/" + path] = content;
    plan_.files.push_back({path, "u/" + path, content.size(), ""});
  }
  [[nodiscard]] std::filesystem::path folder() const { return home_ / "data/models/.m.pull"; }

  PullPlan plan_{"m", "hf:o/m@1", "", "", {}};
  std::map<std::string, std::string> contents_;
  std::vector<PullProgress> seen_;
};

TEST_F(FetchTest, AllFilesThenTheModelAmongThem) {
  const std::string tokenizer = small_tokenizer;
  add("tokenizer.json", tokenizer);
  add("config.json", small_config);
  add("model.safetensors", small_safetensors());
  add("a/b.txt", "text");
  const DetectedModel model = fetch("safetensors").value();
  EXPECT_EQ(model.format, "safetensors");
  EXPECT_EQ(model.path, folder());
  ASSERT_EQ(seen_.size(), 4U);
  EXPECT_EQ(seen_[2].file, "model.safetensors");
  EXPECT_EQ(seen_[2].number, 3U);
  EXPECT_EQ(seen_[2].done,
            tokenizer.size() + std::string(small_config).size() + small_safetensors().size());
  EXPECT_EQ(seen_[2].total, seen_[2].done + 4);
  EXPECT_EQ(seen_[2].seconds_left, 2.0);
}

TEST_F(FetchTest, WhatIsNoModelIsRefused) {
  add("page.gguf", "<!doctype html><html></html>");
  EXPECT_THAT(fetch().error().message, HasSubstr("HTML page"));
  contents_["u/page.gguf"] = "version https://git-lfs.github.com/spec/v1\noid sha256:1\n";
  EXPECT_THAT(fetch().error().message, HasSubstr("Git LFS pointer"));
  contents_["u/page.gguf"] = small_tokenizer;
  EXPECT_THAT(fetch().error().message, HasSubstr("no engine opens the format tokenizer"));
  contents_["u/page.gguf"] = small_gguf().substr(0, small_gguf().size() - 8);
  EXPECT_THAT(fetch().error().message, HasSubstr("truncated"));
  contents_["u/page.gguf"] = small_gguf();
  EXPECT_THAT(fetch("onnx").error().message,
              HasSubstr("what came from hf:o/m@1 is gguf, not onnx"));
}

TEST_F(FetchTest, TheWholeSetMustFitBeforeTheFirstByte) {
  add("small.gguf", "GGUF");
  plan_.files.push_back({"big.gguf", "u/big", std::uint64_t{1} << 60, ""});
  const Error error = fetch().error();
  EXPECT_EQ(error.code, ErrorCode::disk_full);
  EXPECT_THAT(error.message, HasSubstr("are free"));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_F(FetchTest, AFailureKeepsWhatCame) {
  add("one.litertlm", "LITERTLM");
  plan_.files.push_back({"two", "u/gone", 3, ""});
  EXPECT_EQ(fetch().error().code, ErrorCode::not_found);
  EXPECT_TRUE(std::filesystem::exists(folder() / "one.litertlm"));
}

TEST_F(FetchTest, LinksDoNotLeadElsewhere) {
  add("a/b.litertlm", "LITERTLM");
  std::filesystem::create_directories(folder());
  std::filesystem::create_directory_symlink(home_, folder() / "a");
  EXPECT_EQ(fetch().error().code, ErrorCode::permission_denied);
  std::filesystem::remove_all(folder());
  std::filesystem::create_directory_symlink(home_, folder());
  EXPECT_EQ(fetch().error().code, ErrorCode::permission_denied);
  EXPECT_FALSE(std::filesystem::exists(home_ / "b.litertlm"));
}

}  // namespace
}  // namespace tenfold
