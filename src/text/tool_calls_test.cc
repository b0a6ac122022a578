// Calls in the forms of the model families, cut at every byte.
#include "text/tool_calls.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tenfold {
namespace {

const std::vector<std::string> tools{"add", "get-weather"};

/// Templates are told apart by these marks in them.
constexpr const char* hermes = R"(<tool_call>{"name": x, "arguments": y}</tool_call>)";
constexpr const char* llama = R"("parameters": dictionary of argument name)";
constexpr const char* nemo = "[TOOL_CALLS]";
constexpr const char* mistral = "[TOOL_CALLS][ARGS]";
constexpr const char* phi = "<|tool_call|>";
constexpr const char* deepseek = "<｜tool▁sep｜>";
constexpr const char* deepseek_r1 = "<｜tool▁sep｜>```json";
constexpr const char* function_gemma = "<start_function_call>";
constexpr const char* gemma4 = "<|tool_call>call:";
constexpr const char* apriel = "<tool_calls>[";
constexpr const char* functionary = "<|python_tag|><function=</function>";
constexpr const char* qwen_coder = "<tool_call><function=<parameter=";
constexpr const char* seed_oss = "<seed:tool_call><function=<parameter=";
constexpr const char* glm = "<tool_call><arg_key>";
constexpr const char* minimax = "<minimax:tool_call><invoke name=";

struct Case {
  const char* form;
  std::string stream;
  std::string text;
  std::vector<std::string> calls;  ///< name and arguments
};

std::vector<Case> cases() {
  const std::string weather = R"(get-weather{"city":"Paris"})";
  const std::string add = R"(add{"b":1.5,"a":[2,{"c":"}"}]})";
  const std::string add_json = R"({"b": 1.5, "a": [2, {"c": "}"}]})";
  const std::string hermes_weather =
      "<tool_call>\n{\"name\": \"get-weather\", \"arguments\": {\"city\": "
      "\"Paris\"}}\n</tool_call>";
  return {
      {hermes, hermes_weather, "", {weather}},
      {hermes, "Let me see. \n\n" + hermes_weather, "Let me see.", {weather}},
      {hermes,
       hermes_weather + "\n<tool_call>{\"name\": \"add\", \"arguments\": " + add_json +
           "}</tool_call>\nDone. ",
       "Done. ",
       {weather, add}},
      {hermes,
       R"(<tool_call>{"name": "add", "arguments": {"a": "</tool_call>\" é"}}</tool_call>)",
       "",
       {R"(add{"a":"</tool_call>\" é"})"}},
      {hermes, R"(<tool_call>{"name": "add", "arguments": "{\"a\": 1}"})", "", {R"(add{"a":1})"}},
      {hermes, R"(<tool_call>{"name": "add"}</tool_call>)", "", {"add{}"}},
      {qwen_coder,
       "I look.\n\n<tool_call>\n<function=get-weather>\n<parameter=city>\nParis\n</parameter>\n"
       "<parameter=days>\n5\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=add>\n"
       "<parameter=a>\n[2, {\"c\": \"<x>\"}]\n</parameter>\n<parameter=b>\nTrue\n</parameter>\n"
       "</function>\n</tool_call>",
       "I look.",
       {R"(get-weather{"city":"Paris","days":5})", R"(add{"a":[2,{"c":"<x>"}],"b":true})"}},
      {qwen_coder, "<tool_call><function=add></function></tool_call>", "", {"add{}"}},
      {qwen_coder,
       "<tool_call>\n<function=add>\n<parameter=a>\n\n if x:\n  y "
       "</parameter>\n</function>\n</tool_call>",
       "",
       {R"(add{"a":"\n if x:\n  y "})"}},
      {qwen_coder,
       "<tool_call>\n<function=add>\n<parameter=a>\n1",
       "<tool_call>\n<function=add>\n<parameter=a>\n1",
       {}},
      {qwen_coder,
       "<tool_call>\n<function=rob>\n</function>\n</tool_call>",
       "<tool_call>\n<function=rob>\n</function>\n</tool_call>",
       {}},
      {seed_oss,
       "<seed:tool_call>\n<function=get-weather>\n<parameter=city>Paris</parameter>\n</function>\n"
       "</seed:tool_call>",
       "",
       {weather}},
      {glm,
       "<tool_call>get-weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n</tool_call>"
       "<tool_call>add<arg_key>b</arg_key><arg_value>1.5</arg_value></tool_call>",
       "",
       {weather, R"(add{"b":1.5})"}},
      {glm, "<tool_call>add</tool_call>", "", {"add{}"}},
      {minimax,
       "<minimax:tool_call>\n<invoke name=\"get-weather\">\n<parameter name=\"city\">Paris"
       "</parameter>\n</invoke>\n<invoke name=\"add\">\n</invoke>\n</minimax:tool_call>",
       "",
       {weather, "add{}"}},
      // What is not a call stays.
      {hermes, " plain < text <tool_ ", " plain < text <tool_ ", {}},
      {hermes, "a <tool_call> is \"this\"", "a <tool_call> is \"this\"", {}},
      {hermes,
       "<tool_call>{\"name\": \"rob\"}</tool_call>",
       "<tool_call>{\"name\": \"rob\"}</tool_call>",
       {}},
      {hermes,
       "<tool_call>{\"name\": add}</tool_call>\n" + hermes_weather,
       "<tool_call>{\"name\": add}</tool_call>",
       {weather}},
      {hermes,
       "<tool_call>{\"name\": \"add\", \"arguments\": 7}</tool_call>",
       "<tool_call>{\"name\": \"add\", \"arguments\": 7}</tool_call>",
       {}},
      {hermes,
       R"(<tool_call>{"name": "add", "arguments": {"a": ")",
       R"(<tool_call>{"name": "add", "arguments": {"a": ")",
       {}},
      {hermes, "<tool_call>" + std::string(100, '['), "<tool_call>" + std::string(100, '['), {}},
      {llama, R"({"name": "get-weather", "parameters": {"city": "Paris"}})", "", {weather}},
      {llama,
       R"(<|python_tag|>{"name": "get-weather", "parameters": {"city": "Paris"}})",
       "",
       {weather}},
      {llama,
       R"({"name": "add", "parameters": {}}; {"name": "add", "parameters": {"a": 1}})",
       "",
       {"add{}", R"(add{"a":1})"}},
      {llama, R"({"answer": 42})", R"({"answer": 42})", {}},
      {llama,
       R"(So {"name": "add", "parameters": {}})",
       R"(So {"name": "add", "parameters": {}})",
       {}},
      {nemo,
       R"([TOOL_CALLS][{"name": "get-weather", "arguments": {"city": "Paris"}}, )"
       R"({"name": "add", "arguments": {}, "id": "abcdefghi"}])",
       "",
       {weather, "add{}"}},
      {mistral,
       R"([TOOL_CALLS]get-weather[ARGS]{"city": "Paris"}[TOOL_CALLS]add[ARGS]{})",
       "",
       {weather, "add{}"}},
      {mistral, R"(Now [TOOL_CALLS]add[CALL_ID]123456789[ARGS]{"a": 1})", "Now", {R"(add{"a":1})"}},
      {mistral, "[TOOL_CALLS]rob[ARGS]{}", "[TOOL_CALLS]rob[ARGS]{}", {}},
      {phi,
       R"(<|tool_call|>[{"name": "get-weather", "arguments": {"city": "Paris"}}]<|/tool_call|>)",
       "",
       {weather}},
      {phi, R"(<|tool_call|>{"name": "add", "arguments": {}}<|/tool_call|>)", "", {"add{}"}},
      {deepseek,
       "Hm.\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get-weather<｜tool▁sep｜>{\"city\": "
       "\"Paris\"}"
       "<｜tool▁call▁end｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{}<｜tool▁call▁end｜>"
       "<｜tool▁calls▁end｜>",
       "Hm.",
       {weather, "add{}"}},
      {deepseek_r1,
       "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get-weather\n```json\n"
       "{\"city\": "
       "\"Paris\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n"
       "```json\n{}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
       "",
       {weather, "add{}"}},
      {function_gemma,
       "<start_function_call>call:get-weather{city:<escape>Paris<escape>}<end_function_call>",
       "",
       {weather}},
      {function_gemma,
       "<start_function_call>call:add{b:1.5,a:[2,{c:<escape>}<escape>}]}<end_function_call>"
       "<start_function_response>",
       "",
       {add}},
      {function_gemma,
       "<start_function_call>call:add{b}<end_function_call>",
       "<start_function_call>call:add{b}<end_function_call>",
       {}},
      {gemma4,
       "<|tool_call>call:add{a:<|\"|>x<|\"|>,b:true,c:null,d:word}<tool_call|>",
       "",
       {R"(add{"a":"x","b":true,"c":null,"d":"word"})"}},
      {apriel,
       R"(<tool_calls>[{"name": "add", "arguments": {}, "id": "1"}]</tool_calls>)",
       "",
       {"add{}"}},
      {functionary, R"(<function=get-weather>{"city": "Paris"}</function>)", "", {weather}},
  };
}

struct Sum {
  std::string text;
  std::vector<std::string> calls;
  void add(const ToolCallSplitter::Parts& parts) {
    text += parts.text;
    for (const ToolCall& call : parts.tool_calls) calls.push_back(call.name + call.arguments);
  }
};

TEST(ToolCalls, AreFoundHoweverTheTextIsCut) {
  for (const Case& test : cases()) {
    const ToolForm* form = find_tool_form(test.form);
    ASSERT_NE(form, nullptr) << test.form;
    SCOPED_TRACE(test.stream);
    for (std::size_t cut = 0; cut <= test.stream.size(); ++cut) {
      ToolCallSplitter splitter(*form, tools);
      Sum sum;
      sum.add(splitter.push(test.stream.substr(0, cut)));
      sum.add(splitter.push(test.stream.substr(cut)));
      sum.add(splitter.finish());
      EXPECT_EQ(sum.text, test.text) << "cut at " << cut;
      EXPECT_EQ(sum.calls, test.calls) << "cut at " << cut;
    }
    ToolCallSplitter splitter(*form, tools);
    Sum sum;
    for (const char c : test.stream) sum.add(splitter.push({&c, 1}));
    sum.add(splitter.finish());
    EXPECT_EQ(sum.text, test.text) << "byte by byte";
    EXPECT_EQ(sum.calls, test.calls) << "byte by byte";
  }
}

TEST(ToolCalls, TextStreamsUntilACallMayBegin) {
  ToolCallSplitter splitter(generic_tool_form(), tools);
  EXPECT_EQ(splitter.push("Hello").text, "Hello");
  EXPECT_EQ(splitter.push(" a < b").text, " a < b");
  EXPECT_EQ(splitter.push(" \n<tool").text, "");
  EXPECT_EQ(splitter.push("box").text, " \n<toolbox");
}

TEST(ToolCalls, ACallComesWhenItIsComplete) {
  ToolCallSplitter splitter(generic_tool_form(), tools);
  EXPECT_TRUE(splitter.push("<tool_call>{\"name\": \"add\"}</tool_call").tool_calls.empty());
  EXPECT_EQ(splitter.push(">").tool_calls.size(), 1U);
  EXPECT_FALSE(splitter.is_closed());
}

TEST(ToolCalls, KnowsItsMarksAndTheEndOfCalls) {
  ToolCallSplitter splitter(*find_tool_form(deepseek), tools);
  EXPECT_TRUE(splitter.is_mark("<｜tool▁sep｜>"));
  EXPECT_FALSE(splitter.is_mark("<｜User｜>"));
  EXPECT_FALSE(splitter.is_mark(""));
  splitter.push(
      "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{}<｜tool▁call▁end｜>");
  EXPECT_FALSE(splitter.is_closed());
  splitter.push("<｜tool▁calls▁end｜>");
  EXPECT_TRUE(splitter.is_closed());
}

TEST(ToolForm, ATemplateWithoutKnownMarksHasNone) {
  EXPECT_EQ(find_tool_form("{{ messages }}"), nullptr);
  EXPECT_EQ(find_tool_form("<invoke name=x><parameter name=y>"), nullptr);
}

TEST(ToolCallSplitter, ASchemaTellsTextFromOtherValues) {
  const Tool add{"add", "", R"({"type": "object", "properties": {"s": {"type": "string"},
      "n": {"type": "integer"}}})"};
  ToolCallSplitter splitter(*find_tool_form(glm), {"add"}, {add});
  const auto parts = splitter.push(
      "<tool_call>add<arg_key>s</arg_key><arg_value>5</arg_value><arg_key>n</arg_key>"
      "<arg_value>5</arg_value></tool_call>");
  ASSERT_EQ(parts.tool_calls.size(), 1U);
  EXPECT_EQ(parts.tool_calls[0].arguments, R"({"s":"5","n":5})");
}

TEST(ToolCallSplitter, ACallWithoutItsEndIsOneIfNothingRequiredLacks) {
  const Tool add{"add", "", R"({"type": "object", "properties": {"a": {"type": "string"},
      "b": {"type": "string"}}, "required": ["a", "b"]})"};
  const std::string half = "<tool_call>add<arg_key>a</arg_key><arg_value>5</arg_value>";
  const auto calls = [&](const std::string& text) {
    ToolCallSplitter splitter(*find_tool_form(glm), {"add"}, {add});
    return splitter.push(text).tool_calls.size() + splitter.finish().tool_calls.size();
  };
  EXPECT_EQ(calls(half), 0U);
  EXPECT_EQ(calls(half + "<arg_key>b</arg_key><arg_value>6</arg_value>"), 1U);
}

}  // namespace
}  // namespace tenfold
