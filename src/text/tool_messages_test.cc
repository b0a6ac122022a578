// Conversations with tools through templates that know tools, and templates that do not.
#include "text/tool_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "text/chat_template.h"

namespace tenfold {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string chatml =
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}";

ChatPrompt conversation() {
  return {{{"system", "Be brief."},
           {"user", "Sum?"},
           {"assistant", "Wait.", "Hm.", {{"call_1", "add", R"({"b": 1, "a": 2})"}}},
           {"tool", "3", "", {}, "call_1", "add"},
           {"tool", "4", "", {}, "call_2", "add"}},
          {{"add", "Adds.", R"({"type": "object", "properties": {"b": {}, "a": {}}})"}, {"stop"}}};
}

std::string rendered(const std::string& source, const ChatPrompt& chat) {
  const auto chat_template = ChatTemplate::create(source);
  EXPECT_TRUE(chat_template.ok());
  const auto text = chat_template->render(chat, {"<s>", "</s>", true});
  EXPECT_TRUE(text.ok()) << text.error().message;
  return text.ok() ? *text : "";
}

TEST(ToolMessages, ATemplateThatDoesNotKnowToolsGetsThemAsText) {
  const std::string text = rendered(chatml, conversation());
  EXPECT_THAT(text, HasSubstr("<|im_start|>system\nBe brief.\n\nYou can call these functions:\n"
                              R"(<tools>
{"name":"add","description":"Adds.","parameters":{"type":"object","properties":{"b":{},"a":{}}}}
{"name":"stop","description":""}
</tools>)"));
  EXPECT_THAT(text, HasSubstr("<|im_start|>assistant\nWait.\n<tool_call>\n"
                              R"({"name":"add","arguments":{"b":1,"a":2}})"
                              "\n</tool_call><|im_end|>"));
  EXPECT_THAT(text, HasSubstr("<|im_start|>user\n<tool_response>\n3\n</tool_response>\n"
                              "<tool_response>\n4\n</tool_response><|im_end|>"));
  EXPECT_THAT(rendered(chatml, {{{"user", "Hi"}}, {{"stop"}}}),
              HasSubstr("<|im_start|>system\nYou can call"));
}

TEST(ToolMessages, WithoutASystemMessageTheyComeFromTheUser) {
  const std::string source =
      "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}"
      "{% endif %}" +
      chatml;
  const std::string text = rendered(source, {{{"user", "Hi"}}, {{"stop"}}});
  EXPECT_THAT(text, HasSubstr("<|im_start|>user\nYou can call"));
  EXPECT_THAT(text, HasSubstr("</tool_response>.\n\nHi<|im_end|>"));
}

TEST(ToolMessages, ATemplateThatKnowsToolsGetsThemAsTransformersGivesThem) {
  const std::string source =
      "{% for t in tools %}{{ t | tojson }}\n{% endfor %}"
      "{% for m in messages %}{{ m | tojson }}\n{% endfor %}"
      "{# <tool_call>{\"name\", \"arguments\"} #}";
  const std::string text = rendered(source, conversation());
  EXPECT_THAT(text, HasSubstr(R"({"type": "function", "function": {"name": "add", "description": )"
                              R"("Adds.", "parameters": {"type": "object", "properties": )"
                              R"({"b": {}, "a": {}}}}})"));
  EXPECT_THAT(text, HasSubstr(R"({"role": "assistant", "content": "Wait.", "reasoning_content": )"
                              R"("Hm.", "tool_calls": [{"type": "function", "id": "call_1", )"
                              R"("function": {"name": "add", "arguments": {"b": 1, "a": 2}}}]})"));
  EXPECT_THAT(text, HasSubstr(R"({"role": "tool", "content": "3", "tool_call_id": "call_1", )"
                              R"("name": "add"})"));
  EXPECT_THAT(text, Not(HasSubstr("You can call")));
}

TEST(ToolMessages, ATemplateMayWantArgumentsAsTextShortIdsAndNoEmptyContent) {
  const std::string source =
      "{% for t in tools %}{{ t.function.name }}{% endfor %}"
      "{% for message in messages %}{% if message.role == 'assistant' %}"
      "{% if message['content'] is not none %}shown{% endif %}"
      "{% for c in message.tool_calls %}{% if c.id|length != 9 %}{{ raise_exception('id') }}"
      "{% endif %}[TOOL_CALLS]{{ '[' + c.function.arguments + ']' }}{{ c.id }}{% endfor %}"
      "{% elif message.role == 'tool' %}{{ message.tool_call_id }}{% endif %}{% endfor %}";
  ChatPrompt chat = conversation();
  chat.messages[2].content = "";
  EXPECT_EQ(rendered(source, chat),
            R"(addstop[TOOL_CALLS][{"b": 1, "a": 2}]call00000call00000call00001)");
}

TEST(ToolMessages, CallsCannotBeContinued) {
  const auto chat_template = ChatTemplate::create(chatml);
  ChatPrompt chat = conversation();
  chat.messages.resize(3);
  const auto text = chat_template->render(chat, {});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().message,
            "the conversation ends with calls of tools, which cannot be continued.");
}

}  // namespace
}  // namespace tenfold
