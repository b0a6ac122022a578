#include "text/chat_template.h"

#include <fmt/format.h>
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

std::string thinking(const std::string& source, const Thinking& thinking,
                     const std::string& arguments = {}) {
  ChatPrompt chat(std::vector<Message>{{"user", "Hi"}});
  chat.template_arguments = arguments;
  return *ChatTemplate::create(source)->render(chat, {"", "", true, thinking});
}

TEST(ChatTemplate, SwitchesThinkingAsTheTemplateDoes) {
  // Qwen3's switch, in short.
  const std::string qwen3 =
      "{% if false %}<think></think>{% endif %}A:{% if enable_thinking is defined and "
      "enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}";
  EXPECT_EQ(thinking(qwen3, {}), "A:");
  EXPECT_EQ(thinking(qwen3, {Thinking::Mode::on}), "A:") << "the model opens it itself";
  EXPECT_EQ(thinking(qwen3, {Thinking::Mode::off}), "A:<think>\n\n</think>\n\n");
  for (const bool on : {true, false}) {
    const Thinking wanted{on ? Thinking::Mode::on : Thinking::Mode::off};
    const std::string said = fmt::format(R"({{"enable_thinking": {}}})", on);
    EXPECT_EQ(thinking(qwen3, wanted, said), thinking(qwen3, wanted)) << "said by both names";
  }
  const std::string effort = "{{ reasoning_effort | default('medium') }}:{{ thinking_budget }}";
  EXPECT_EQ(thinking(effort, {Thinking::Mode::on, "high", 64}), "high:64");
  EXPECT_EQ(thinking(effort, {Thinking::Mode::off}), "medium:0") << "no thought is shown";
}

TEST(ChatTemplate, ForcesThinkingWhereTheTemplateHasNoSwitch) {
  const std::string opens = "A:{% if add_generation_prompt %}<think>\n{% endif %}";
  EXPECT_EQ(thinking(opens, {Thinking::Mode::on}), "A:<think>\n");
  EXPECT_EQ(thinking(opens, {Thinking::Mode::off}), "A:<think>\n\n</think>\n\n");
  const std::string leaves = "{{ messages[0].content.split('</think>')[-1] }}A:";
  EXPECT_EQ(thinking(leaves, {}), "HiA:");
  EXPECT_EQ(thinking(leaves, {Thinking::Mode::on}), "HiA:<think>\n");
  EXPECT_EQ(thinking(leaves, {Thinking::Mode::off}), "HiA:<think>\n\n</think>\n\n");
  const std::string plain = "A:";
  EXPECT_EQ(thinking(plain, {Thinking::Mode::on}), "A:") << "a model that was not made to think";
  EXPECT_EQ(thinking(plain, {Thinking::Mode::off}), "A:");
}

TEST(ChatTemplate, TakesVariablesOfTheRequest) {
  EXPECT_EQ(thinking("{{ a }}{{ b.c }}", {}, R"({"a": 1, "b": {"c": "x"}})"), "1x");
  EXPECT_EQ(thinking("{{ messages[0].content }}", {}, R"({"messages": []})"), "Hi")
      << "but not those that it always has";
  EXPECT_EQ(thinking("{{ enable_thinking }}", {Thinking::Mode::on}, R"({"enable_thinking": 5})"),
            "5");
}

/// Expressions, and what Jinja in Python makes of them.
TEST(ChatTemplate, MeansWhatPythonMeans) {
  const std::pair<const char*, const char*> cases[] = {
      {"{% if tools is iterable and tools | length > 0 %}T{% endif %}ok", "ok"},
      {"{{ nothing | length }}{{ nothing | count }}", "00"},
      {"{{ none is iterable }} {{ [] is iterable }} {{ 'a' is iterable }}", "False True True"},
      {"{{ {'a': [1, 2.5, true, none], 'b': 'x'} }}", "{'a': [1, 2.5, True, None], 'b': 'x'}"},
      {R"({{ ["it's", 'say "a"', "it's \"b\"", "\n\\"] }})",
       R"(["it's", 'say "a"', 'it\'s "b"', '\n\\'])"},
      {"{{ [1] | string }}{{ 5 | string }}{{ 'a' | string }}{{ none | string }}", "[1]5aNone"},
      {"{{ 1e16 }} {{ 1e15 }} {{ 0.0001 }} {{ 0.00001 }} {{ -2.5 }}",
       "1e+16 1000000000000000.0 0.0001 1e-05 -2.5"},
      {"{{ {'a': 1e16, 'b': 1.0} | tojson }}", R"({"a": 1e+16, "b": 1.0})"},
      {"{{ 'a,b,c'.rsplit(',', 1) }} {{ ' a b  c '.rsplit() }} {{ 'a b c'.rsplit(none, 1) }}",
       "['a,b', 'c'] ['a', 'b', 'c'] ['a b', 'c']"},
      {"{{ 'a=b=c'.partition('=') | join('|') }} {{ 'a=b=c'.rpartition('=') | join('|') }}",
       "a|=|b=c a=b|=|c"},
      {"{{ 'a'.partition('=') | join('|') }} {{ 'a'.rpartition('=') | join('|') }}", "a|| ||a"},
      {"{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('bc') }}{{ 'abc'.removeprefix('b') }}",
       "bcaabc"},
      {"{{ 'a'.ljust(3) }}|{{ 'a'.rjust(3, '.') }}|{{ '-5'.zfill(4) }}|{{ 'abc'.zfill(2) }}",
       "a  |..a|-005|abc"},
  };
  for (const auto& [source, expected] : cases) {
    const auto text = render(source, {{"user", "Hi"}});
    ASSERT_TRUE(text.ok()) << source << ": " << text.error().message;
    EXPECT_EQ(*text, expected) << source;
  }
  EXPECT_FALSE(render("{{ none | length }}", {{"user", "Hi"}}).ok());
}

TEST(ChatTemplate, AToolIsShownAsItIsGiven) {
  const std::string source =
      "{% for t in tools %}{{ t | tojson }}{% endfor %}{# <tool_call>\"arguments #}";
  const auto shown = [&](const Tool& tool) {
    const ChatPrompt chat({{"user", "Hi"}}, {tool});
    return *ChatTemplate::create(source)->render(chat, {"", "", true});
  };
  EXPECT_EQ(shown({"f", "", R"({"type":"object"})"}),
            R"({"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}})");
  EXPECT_THAT(shown({"f", "Does it."}), HasSubstr(R"("description": "Does it.")"));
}

TEST(ChatTemplate, IdsOfNineLettersStayWhereTheTemplateWantsSuch) {
  const std::string source =
      "{{ tools }}{# [TOOL_CALLS] #}{% for m in messages %}{% for c in m.tool_calls %}"
      "{% if c.id|length != 9 %}{{ raise_exception('nine') }}{% endif %}{{ c.id }} {% endfor %}"
      "{% endfor %}";
  const ChatPrompt chat({{"user", "u"},
                         {"assistant", "", "", {{"abcDEF123", "f", "{}"}, {"call_1", "f", "{}"}}},
                         {"tool", "x", "", {}, "abcDEF123", "f"},
                         {"tool", "y", "", {}, "call_1", "f"}},
                        {{"f"}});
  EXPECT_THAT(*ChatTemplate::create(source)->render(chat, {"", "", true}),
              HasSubstr("abcDEF123 call00000 "));
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
