#include "errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenfold::picollm {
namespace {

using ::testing::HasSubstr;

const Circumstance loading{Action::load, "m.pllm", "gpu:9", "cpu:[0-2] - CPU (2 threads)"};

Error of(Status status, std::string_view words = {}, Action action = Action::load) {
  Circumstance when = loading;
  when.action = action;
  return explain(status, "NAME", words, when);
}

TEST(Errors, EveryStatusSaysWhatToDo) {
  const std::pair<Status, ErrorCode> codes[] = {
      {Status::out_of_memory, ErrorCode::out_of_memory},
      {Status::io_error, ErrorCode::bad_model},
      {Status::invalid_argument, ErrorCode::bad_model},
      {Status::stop_iteration, ErrorCode::internal},
      {Status::key_error, ErrorCode::internal},
      {Status::invalid_state, ErrorCode::internal},
      {Status::runtime_error, ErrorCode::internal},
      {Status::activation_error, ErrorCode::network},
      {Status::activation_limit_reached, ErrorCode::license},
      {Status::activation_throttled, ErrorCode::license},
      {Status::activation_refused, ErrorCode::license},
      {static_cast<Status>(99), ErrorCode::internal},
  };
  for (const auto& [status, code] : codes) {
    const Error error = of(status, "The cause");
    EXPECT_EQ(to_string(error.code), to_string(code)) << static_cast<int>(status);
    EXPECT_EQ(error.message, "picoLLM cannot load m.pllm: The cause (NAME)");
    EXPECT_FALSE(error.hint.empty()) << static_cast<int>(status);
  }
  EXPECT_EQ(of(Status::runtime_error).message, "picoLLM cannot load m.pllm: NAME");
  EXPECT_THAT(of(Status::activation_error).hint, HasSubstr("internet"));
  EXPECT_THAT(of(Status::activation_refused).hint, HasSubstr("console.picovoice.ai"));
}

TEST(Errors, AWrongDeviceIsTheOptionsFault) {
  for (const auto& [status, words] :
       {std::pair(Status::invalid_argument, "xyz is not a valid device string"),
        std::pair(Status::runtime_error, "Failed to communicate with device")}) {
    const Error error = of(status, words);
    EXPECT_EQ(error.code, ErrorCode::invalid_argument) << words;
    EXPECT_THAT(error.hint, HasSubstr("cpu:[0-2]"));
  }
}

TEST(Errors, AKeyThatIsNoneIsNoDamagedModel) {
  EXPECT_EQ(of(Status::invalid_argument, "Argument `access_key` is NULL").code, ErrorCode::license);
  EXPECT_EQ(of(Status::invalid_argument, "AccessKey is malformed").code, ErrorCode::license);
}

TEST(Errors, DependOnWhatWasDone) {
  const Error answer = of(Status::invalid_argument, "`top_p` is 2", Action::answer);
  EXPECT_EQ(answer.code, ErrorCode::invalid_argument);
  EXPECT_EQ(answer.message, "picoLLM cannot answer with m.pllm: `top_p` is 2 (NAME)");
  EXPECT_EQ(of(Status::io_error, "", Action::answer).code, ErrorCode::io);
  for (const Status status : {Status::invalid_argument, Status::invalid_state}) {
    const Error embedding = of(status, "", Action::embed);
    EXPECT_EQ(embedding.code, ErrorCode::unsupported);
    EXPECT_THAT(embedding.hint, HasSubstr("embedding model"));
  }
}

TEST(Errors, OfAContextNameItsFile) {
  for (const Status status : {Status::io_error, Status::invalid_argument, Status::invalid_state}) {
    const Error load = of(status, "The cause", Action::load_context);
    EXPECT_EQ(load.code, ErrorCode::io);
    EXPECT_EQ(load.message, "picoLLM cannot go on with the context in m.pllm: The cause (NAME)");
    EXPECT_THAT(load.hint, HasSubstr("delete it"));
    EXPECT_THAT(of(status, "", Action::save_context).hint, HasSubstr("free space"));
  }
  EXPECT_EQ(of(Status::out_of_memory, "", Action::load_context).code, ErrorCode::out_of_memory);
}

}  // namespace
}  // namespace tenfold::picollm
