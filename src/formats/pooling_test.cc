#include "formats/pooling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "base/files.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PoolingFiles : public testing::Test {
 protected:
  PoolingFiles()
      : folder_(fs::temp_directory_path() / ("tenfold-pooling-" + std::to_string(::getpid()))) {
    fs::create_directories(folder_ / "1_Pooling");
  }
  ~PoolingFiles() override { fs::remove_all(folder_); }

  void write(std::string_view name, const std::string& text) const {
    ASSERT_TRUE(write_file_atomically(folder_ / name, text).ok());
  }

  fs::path folder_;
};

TEST_F(PoolingFiles, WithoutAnyItIsTheMean) { EXPECT_EQ(*read_pooling(folder_), Pooling::mean); }

TEST_F(PoolingFiles, OlderAndNewerOnesAreRead) {
  const std::pair<const char*, Pooling> cases[] = {
      {R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})", Pooling::first},
      {R"({"pooling_mode_lasttoken": true, "include_prompt": true})", Pooling::last},
      {R"({"pooling_mode_weightedmean_tokens": true})", Pooling::weighted_mean},
      {R"({"pooling_mode_mean_sqrt_len_tokens": true})", Pooling::mean},
      {R"({"pooling_mode_max_tokens": true})", Pooling::max},
      {R"({"pooling_mode": "lasttoken"})", Pooling::last},
      {R"({"word_embedding_dimension": 8})", Pooling::mean}};
  for (const auto& [text, pooling] : cases) {
    write(pooling_file, text);
    EXPECT_EQ(*read_pooling(folder_), pooling) << text;
  }
}

TEST_F(PoolingFiles, WhatIsNotComputedIsRefusedByItsName) {
  const auto refusal = [&] { return read_pooling(folder_).error(); };
  const std::pair<const char*, const char*> cases[] = {
      {R"({"pooling_mode": "attention"})", R"(the pooling_mode "attention")"},
      {R"({"pooling_mode_other": true})", R"("pooling_mode_other" is not computed)"},
      {R"({"pooling_mode_max_tokens": true, "pooling_mode_cls_token": true})", "several ways"}};
  for (const auto& [text, said] : cases) {
    write(pooling_file, text);
    EXPECT_EQ(refusal().code, ErrorCode::unsupported);
    EXPECT_THAT(refusal().message, HasSubstr(said));
  }
  write(pooling_file, "{}");
  write(modules_file, R"([{"type": "sentence_transformers.models.Transformer"},
                          {"type": "sentence_transformers.models.Dense"}])");
  EXPECT_EQ(refusal().code, ErrorCode::unsupported);
  EXPECT_THAT(refusal().message, HasSubstr("models.Dense"));
}

TEST_F(PoolingFiles, DamagedOnesAreNamed) {
  write(pooling_file, "[]");
  EXPECT_EQ(read_pooling(folder_).error().code, ErrorCode::bad_model);
  EXPECT_THAT(read_pooling(folder_).error().message, HasSubstr("1_Pooling/config.json"));
  write(modules_file, "{");
  EXPECT_THAT(read_pooling(folder_).error().message, HasSubstr("modules.json"));
}

}  // namespace
}  // namespace tenfold
