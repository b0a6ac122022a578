#include "text/chat_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <thread>

namespace tenfold {
namespace {

using testing::HasSubstr;

Result<std::string> render(const std::string& source, const std::vector<Message>& messages) {
  const ChatTemplate chat_template = TRY(ChatTemplate::create(source));
  return chat_template.render(messages, {"<s>", "</s>", true});
}

const std::string chatml =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const std::string trimming =
    "{% for m in messages %}[{{ m.role }}] {{ m.content | trim }}</s>{% endfor %}";

TEST(ChatTemplate, LeavesALastAssistantMessageOpen) {
  const std::vector<Message> messages = {{"user", "Count."}, {"assistant", "One, two, "}};
  const std::string user = "<|im_start|>user\nCount.<|im_end|>\n";
  EXPECT_EQ(*render(chatml, messages), user + "<|im_start|>assistant\nOne, two, ");
  EXPECT_EQ(*render(trimming, messages), "[user] Count.</s>[assistant] One, two,");
}

TEST(ChatTemplate, LeavesAnEmptyAssistantMessageOpen) {
  const std::vector<Message> messages = {{"user", "One"}, {"assistant", ""}};
  EXPECT_EQ(*render(chatml, messages), "<|im_start|>user\nOne<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatTemplate, SaysWhenAnAssistantMessageCannotBeContinued) {
  const auto result = render("{{ messages[0].content }}", {{"user", "Hi"}, {"assistant", "He"}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(result.error().message, HasSubstr("cannot be continued"));
}

TEST(ChatTemplate, NamesTheLineOfASyntaxError) {
  const auto result = ChatTemplate::create("{{ bos_token }}\n{% for m in %}\n");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::bad_model);
  EXPECT_THAT(result.error().message, HasSubstr("line 2: syntax error"));
}

TEST(ChatTemplate, NamesTheLineOfAFailure) {
  const auto result = render("\n\n{{ messages[0].content.no_such_method() }}", {{"user", "Hi"}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::bad_model);
  EXPECT_THAT(result.error().message, HasSubstr("line 3: unknown method"));
}

TEST(ChatTemplate, GivesTheRefusalOfAMacro) {
  const auto result =
      render("{% macro check() %}{{ raise_exception('no robots') }}{% endmacro %}{{ check() }}",
             {{"robot", "Hi"}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(result.error().message, HasSubstr("refused the conversation: no robots"));
}

TEST(ChatTemplate, EndsAnEndlessTemplate) {
  const auto result = render(
      "{% for a in range(9999) %}{% for b in range(9999) %}{{ a * b }}{% endfor %}{% endfor %}",
      {{"user", "Hi"}});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::bad_model);
  EXPECT_THAT(result.error().message, HasSubstr("out of fuel"));
}

TEST(ChatTemplate, RefusesWhatIsNotUtf8) {
  EXPECT_EQ(ChatTemplate::create("\xff").error().code, ErrorCode::bad_model);
}

TEST(ChatTemplate, RefusesAnEmptyConversation) {
  EXPECT_EQ(render(chatml, {}).error().code, ErrorCode::invalid_argument);
}

TEST(ChatTemplate, KnowsTheTime) {
  const std::time_t now = std::time(nullptr);
  char year[8];
  std::strftime(year, sizeof year, "%Y", std::localtime(&now));
  EXPECT_EQ(*render("{{ strftime_now('%Y') }}", {{"user", "Hi"}}), year);
  EXPECT_THAT(render("{{ strftime_now('%c' * 200) }}", {{"user", "Hi"}}).error().message,
              HasSubstr("longer than 255 bytes"));
}

TEST(ChatTemplate, ReportsWrongUseOfTojson) {
  const std::vector<Message> messages = {{"user", "Hi"}};
  EXPECT_EQ(*render("{{ {'a': 1} | tojson(indent='\t') }}", messages), "{\n\t\"a\": 1\n}");
  EXPECT_THAT(render("{{ 1 | tojson(separators=(',',)) }}", messages).error().message,
              HasSubstr("must be a pair"));
  EXPECT_THAT(render("{{ 1 | tojson(colour='red') }}", messages).error().message,
              HasSubstr("colour"));
}

TEST(ChatTemplate, IsThreadSafe) {
  const auto chat_template = ChatTemplate::create(chatml);
  ASSERT_TRUE(chat_template.ok());
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 20; ++turn) {
        EXPECT_TRUE(
            chat_template->render(std::vector<Message>{{"user", std::to_string(turn)}}, {}).ok());
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace tenfold
