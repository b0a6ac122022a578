// The vendor's library, as far as it goes without an AccessKey.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "api.h"
#include "base/files.h"
#include "engine/table.h"
#include "errors.h"
#include "model.h"
#include "picollm_engine.h"

namespace tenfold::picollm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Library : public testing::Test {
 protected:
  void SetUp() override {
    const auto api = load_api();
    ASSERT_TRUE(api.ok()) << api.error().message;
    api_ = *api;
    folder_ =
        std::filesystem::temp_directory_path() / ("tenfold-picollm-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(folder_ / "m.pllm", bytes).ok());
    return folder_ / "m.pllm";
  }

  static Error refusal(const std::string& path, const std::string& device) {
    const auto model = Model::open({.path = path, .access_key = "no-key", .device = device});
    EXPECT_FALSE(model.ok());
    return model.ok() ? Error() : model.error();
  }

  const Api* api_ = nullptr;
  std::filesystem::path folder_;
};

TEST_F(Library, SaysWhatItIs) {
  EXPECT_STREQ(api_->picollm_version(), "2.1.0");
  EXPECT_EQ(make_picollm_engine()->capabilities().version, "2.1.0");
  EXPECT_GE(api_->picollm_max_top_choices(), 20) << "the most of a request's logprobs";
  EXPECT_THAT(list_devices(*api_), HasSubstr("cpu"));
}

TEST_F(Library, NamesTheStatusesAsWeDo) {
  const char* const names[] = {"SUCCESS",
                               "OUT_OF_MEMORY",
                               "IO_ERROR",
                               "INVALID_ARGUMENT",
                               "STOP_ITERATION",
                               "KEY_ERROR",
                               "INVALID_STATE",
                               "RUNTIME_ERROR",
                               "ACTIVATION_ERROR",
                               "ACTIVATION_LIMIT_REACHED",
                               "ACTIVATION_THROTTLED",
                               "ACTIVATION_REFUSED"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    EXPECT_THAT(api_->status_to_string(static_cast<Status>(i)), HasSubstr(names[i])) << i;
  }
}

TEST_F(Library, RefusesAKeyThatIsNotThere) {
  Object* object = nullptr;
  EXPECT_EQ(api_->picollm_init(nullptr, "/nowhere", "cpu", false, &object),
            Status::invalid_argument);
  EXPECT_THAT(last_words(*api_, ""), HasSubstr("access_key"));
  EXPECT_EQ(object, nullptr);
}

/// All that can be seen of these without a model.
TEST_F(Library, ContextsNeedAModelAndAPath) {
  for (const auto& call : {api_->picollm_context_load, api_->picollm_context_save}) {
    EXPECT_EQ(call(nullptr, "/nowhere"), Status::invalid_argument);
    EXPECT_THAT(last_words(*api_, ""), HasSubstr("object"));
  }
}

TEST_F(Library, RefusesWhatIsNoModel) {
  for (const std::string& bytes : {std::string("\x93\x01\xff model", 9), std::string(5000, '\7')}) {
    const Error error = refusal(file(bytes), "cpu:1");
    EXPECT_EQ(to_string(error.code), "bad_model") << error.message;
    EXPECT_THAT(error.message, HasSubstr("m.pllm"));
  }
  const Error missing = refusal(folder_ / "missing.pllm", "cpu:1");
  EXPECT_THAT(missing.message, HasSubstr("Failed to open file"));
}

/// Listing devices leaves words of devices that are not there, which belong to no failure.
TEST_F(Library, SaysNothingOfEarlierCalls) {
  const std::string path = file(std::string("\x28\0\0\0", 4) + std::string(200, 'x'));
  list_devices(*api_);
  EXPECT_EQ(last_words(*api_, ""), "");
  const Error error = refusal(path, "cpu:2");
  EXPECT_EQ(to_string(error.code), "bad_model") << error.message;
  EXPECT_THAT(error.message, Not(HasSubstr("device")));
}

TEST_F(Library, RefusesADeviceThatIsNotThere) {
  for (const char* device : {"xyz", "gpu:9"}) {
    const Error error = refusal(file("\x93\x01\xff model"), device);
    EXPECT_EQ(to_string(error.code), "invalid_argument") << error.message;
    EXPECT_THAT(error.hint, HasSubstr(device));
    EXPECT_THAT(error.hint, HasSubstr("cpu:"));
  }
}

}  // namespace
}  // namespace tenfold::picollm
