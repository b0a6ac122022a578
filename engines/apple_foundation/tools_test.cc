// Tools, over the stand-in for Apple's bridge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "apple_foundation_engine.h"
#include "call_slots.h"

namespace tenfold::apple_foundation {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class AppleTools : public testing::Test {
 protected:
  void SetUp() override {
    engine_ = make_apple_foundation_engine();
    const auto info = engine_->initialize({.name = "apple-foundation", .built_in = true}, {}, {});
    ASSERT_TRUE(info.ok()) << info.error().message;
  }

  static Request ask(const std::string& question, std::vector<Tool> tools = {add()}) {
    Request request;
    request.prompt = ChatPrompt({{"user", question}}, std::move(tools));
    request.sampling.temperature = 0;
    request.sampling.seed = 1;
    return request;
  }
  static Tool add() {
    return {"add", "Adds", R"({"type":"object","properties":{"a":{"type":"integer"}}})"};
  }
  static Tool with(const std::string& properties) {
    return {"tool", "", R"({"type":"object","properties":{)" + properties + "}}"};
  }

  Answer answer(const Request& request, const OnDelta& on_delta = {}) {
    auto answer = engine_->stream(request, on_delta);
    EXPECT_TRUE(answer.ok()) << answer.error().message;
    return answer.ok() ? std::move(*answer) : Answer();
  }
  Error error(const Request& request) {
    const auto answer = engine_->generate(request);
    EXPECT_FALSE(answer.ok());
    return answer.ok() ? Error() : answer.error();
  }

  std::unique_ptr<Engine> engine_;
};

TEST_F(AppleTools, ACallGoesToTheCaller) {
  std::vector<ToolCall> seen;
  const Answer asks = answer(ask("1+1?"), [&](const Delta& delta) {
    seen.insert(seen.end(), delta.tool_calls.begin(), delta.tool_calls.end());
  });
  EXPECT_EQ(to_string(asks.finish), "tool_call");
  ASSERT_EQ(asks.tool_calls.size(), 1U);
  EXPECT_EQ(asks.tool_calls, seen);
  EXPECT_EQ(asks.tool_calls[0].name, "add");
  EXPECT_EQ(asks.tool_calls[0].arguments, R"({"a":1})");
  EXPECT_THAT(asks.tool_calls[0].id, StartsWith("call_"));
  EXPECT_EQ(asks.text, "");
  EXPECT_GT(asks.usage.generated_tokens, 0);
  EXPECT_EQ(answer(ask("1+1?")).tool_calls, asks.tool_calls) << "the same seed, the same ids";
  EXPECT_NE(answer(ask("1+2?")).tool_calls[0].id, asks.tool_calls[0].id);
}

TEST_F(AppleTools, ResultsGoBack) {
  Request request = ask("1+1?");
  const Answer asks = answer(request);
  ASSERT_EQ(asks.tool_calls.size(), 1U);
  auto& chat = std::get<ChatPrompt>(request.prompt);
  chat.messages.push_back({.role = "assistant", .content = "", .tool_calls = asks.tool_calls});
  chat.messages.push_back(
      {.role = "tool", .content = "it is two", .tool_call_id = asks.tool_calls[0].id});
  const Answer final = answer(request);
  EXPECT_EQ(to_string(final.finish), "stop");
  EXPECT_TRUE(final.tool_calls.empty());
  EXPECT_NE(final.text, "");
  EXPECT_GE(final.usage.prompt_tokens, asks.usage.prompt_tokens + 3) << "it sees the result";
}

TEST_F(AppleTools, OneTurnMayCallSeveralTimes) {
  Request request = ask("!calls=3");
  const Answer asks = answer(request);
  ASSERT_EQ(asks.tool_calls.size(), 3U);
  EXPECT_NE(asks.tool_calls[0].id, asks.tool_calls[1].id);
  request.parallel_tool_calls = false;
  EXPECT_EQ(answer(request).tool_calls.size(), 1U);
}

TEST_F(AppleTools, ItMayAnswerWithoutACall) {
  const Answer said = answer(ask("!calls=0"));
  EXPECT_EQ(to_string(said.finish), "stop");
  EXPECT_NE(said.text, "");
}

TEST_F(AppleTools, AnObjectMayCallThem) {
  Request request = ask("Hi");
  request.constraint = {Constraint::Kind::json_schema, R"({"type":"object"})"};
  EXPECT_EQ(answer(request).tool_calls.size(), 1U);
  std::get<ChatPrompt>(request.prompt).messages[0].content = "!calls=0";
  EXPECT_EQ(answer(request).text, "{}");
}

TEST_F(AppleTools, ArgumentsAreBuiltByTheirSchema) {
  const Tool tool = with(
      R"("unit":{"enum":["C","F"]},"days":{"type":"integer","minimum":3,"maximum":9},
         "share":{"type":"number","description":"0 to 1"},"sure":{"type":"boolean"},
         "name":{"type":"string","pattern":"[a-z]+"},
         "places":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"object","properties":
           {"city":{"type":"string"},"at":{"type":"object","properties":{"x":{"type":"number"}}}}}},
         "words":{"type":"array","items":{"type":"string","enum":["a","b"]}})");
  const Answer asks = answer(ask("Hi", {tool}));
  ASSERT_EQ(asks.tool_calls.size(), 1U);
  EXPECT_EQ(nlohmann::json::parse(asks.tool_calls[0].arguments), nlohmann::json::parse(R"({
    "unit":"C","days":3,"share":0.5,"sure":true,"name":"words",
    "places":[{"city":"words","at":{"x":0.5}}],"words":["a"]})"));
}

TEST_F(AppleTools, WhatArgumentsCannotBeIsNamed) {
  for (const auto& [properties, part] : std::vector<std::pair<std::string, std::string>>{
           {R"("a":{"type":"string","format":"date"})", "with format"},
           {R"("a":{"anyOf":[{"type":"string"}]})", "with anyOf"},
           {R"("a":{"$ref":"#/$defs/b"})", "with $ref"},
           {R"("a":{"type":"array","items":{"type":"boolean"}})", "lists of booleans: a"},
           {R"("a":{"type":"array"})", "lists of anything: a"},
           {R"("a":{"type":"array","items":{"type":"array","items":{"type":"string"}}})",
            "lists of arrays: a"},
           {R"("a":{"type":["string","null"]})", "of no type, or of several: a"},
           {R"("a":{"type":"null"})", "of the type null"},
           {R"("a":{"enum":[1]})", "anything but texts: a"}}) {
    const Error refused = error(ask("Hi", {with(properties)}));
    EXPECT_EQ(to_string(refused.code), "unsupported") << properties;
    EXPECT_THAT(refused.message, HasSubstr(part));
  }
  for (const char* zero : {R"("a":{"enum":["x\u0000y"]})", R"("x\u0000y":{"type":"string"})",
                           R"("a":{"type":"string","pattern":"\\\u0000"})"}) {
    EXPECT_THAT(error(ask("Hi", {with(zero)})).message, HasSubstr("zero byte")) << zero;
  }
  const Error refused = error(ask("Hi", {with(R"("a":{"type":"integer","pattern":"x"})")}));
  EXPECT_EQ(to_string(refused.code), "invalid_argument") << "the bridge's own refusal";
  EXPECT_THAT(refused.message, HasSubstr("the tool tool: so it is"));
}

TEST_F(AppleTools, ABackslashBeforeU0000IsNoZeroByte) {
  const Answer asks = answer(ask("Hi", {with(R"("a":{"type":"string","pattern":"[^\\u0000]"})")}));
  EXPECT_EQ(asks.tool_calls.size(), 1U);
}

TEST_F(AppleTools, ACallWithoutArgumentsIsAnError) {
  const Error malformed = error(ask("!no-object"));
  EXPECT_EQ(to_string(malformed.code), "internal");
  EXPECT_THAT(malformed.message, HasSubstr("the tool add"));
}

TEST_F(AppleTools, PlacesForThemAreGivenBack) {
  std::vector<Tool> tools;
  for (std::size_t i = 0; i < call_slots; ++i) {
    tools.push_back(add());
    tools.back().name += std::to_string(i);
  }
  for (int turn = 0; turn < 3; ++turn) {
    EXPECT_EQ(answer(ask("Hi", tools)).tool_calls.size(), 1U);
    EXPECT_EQ(answer(ask("!calls=0", tools)).tool_calls.size(), 0U);
  }
  tools.push_back(add());
  const Error many = error(ask("Hi", tools));
  EXPECT_EQ(to_string(many.code), "unsupported");
  EXPECT_THAT(many.message, HasSubstr("32 tools, not 33"));
}

TEST_F(AppleTools, AnAnswerThatIsStoppedLetsTheirCallsGo) {
  Request request = ask("!calls=0 !never-ends");
  int deltas = 0;
  const Answer stopped = answer(request, [&](const Delta&) {
    if (++deltas == 2) engine_->cancel();
  });
  EXPECT_EQ(to_string(stopped.finish), "cancelled");
  request = ask("Hi");
  request.deadline = std::chrono::milliseconds(10);  // while others of its turn may come
  const Answer late = answer(request);
  EXPECT_EQ(to_string(late.finish), "deadline");
  EXPECT_TRUE(late.tool_calls.empty());
}

TEST(CallSlots, AreTakenAndGivenBack) {
  std::vector<CallSlot> taken;
  std::vector<int> calls(call_slots);
  for (std::size_t i = 0; i < call_slots; ++i) {
    auto slot = CallSlot::take([&, i](Ref, unsigned call) { calls[i] += static_cast<int>(call); });
    ASSERT_TRUE(slot.has_value());
    taken.push_back(std::move(*slot));
  }
  EXPECT_FALSE(CallSlot::take([](Ref, unsigned) {}).has_value());
  for (const CallSlot& slot : taken) slot.function()(nullptr, 3);
  EXPECT_EQ(calls, std::vector<int>(call_slots, 3));
  const ToolCallback last = taken.back().function();
  taken.pop_back();
  last(nullptr, 3);  // too late: nobody hears it
  EXPECT_EQ(calls.back(), 3);
  EXPECT_TRUE(CallSlot::take([](Ref, unsigned) {}).has_value());
}

}  // namespace
}  // namespace tenfold::apple_foundation
