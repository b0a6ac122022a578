// check_request() and check_engine_options().
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/json.h"
#include "engine/table.h"

namespace tenfold {
namespace {

Capabilities everything() {
  Capabilities capabilities = static_capabilities("llama_cpp");
  capabilities.max_sequences = 1;
  capabilities.options = {{"mmap", true, "", {}, 0, 0},
                          {"batch", std::int64_t{512}, "", {}, 1, 8192},
                          {"scale", 1.0, "", {}, 0, 0},
                          {"cache", std::string("f16"), "", {"f16", "q8_0"}, 0, 0}};
  return capabilities;
}

Request simple() {
  Request request;
  request.prompt = "Hi";
  return request;
}

/// The message of the refusal after `change`; empty when the request is accepted.
template <typename Change>
std::string refusal(Change change) {
  Request request = simple();
  change(request);
  const auto checked = check_request(request, everything());
  if (checked.ok()) return "";
  EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
  return checked.error().message;
}

TEST(CheckRequest, RefusesValuesThatCannotWork) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(refusal([](Request& r) { r.sampling.temperature = 0; }), "");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.temperature = -1; }), "temperature cannot be -1");
  EXPECT_EQ(refusal([&](Request& r) { r.sampling.temperature = nan; }),
            "temperature cannot be nan");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.temperature = HUGE_VAL; }),
            "temperature cannot be inf");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.top_k = -1; }), "top_k cannot be -1");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.top_p = 0; }), "top_p cannot be 0");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.top_p = 1.5; }), "top_p cannot be 1.5");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.min_p = 2; }), "min_p cannot be 2");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.repeat_penalty = 0; }),
            "repeat_penalty cannot be 0");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.presence_penalty = -3; }), "");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.frequency_penalty = -HUGE_VAL; }),
            "frequency_penalty cannot be -inf");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.penalty_window = -2; }),
            "penalty_window cannot be -2");
  EXPECT_EQ(refusal([](Request& r) { r.max_tokens = 0; }), "max_tokens cannot be 0");
  EXPECT_EQ(refusal([](Request& r) { r.logprobs = 21; }), "logprobs cannot be 21");
  EXPECT_EQ(refusal([](Request& r) { r.deadline = std::chrono::milliseconds(0); }),
            "deadline_ms cannot be 0");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.logit_bias[3] = -HUGE_VAL; }), "");
  EXPECT_EQ(refusal([](Request& r) { r.sampling.logit_bias[3] = HUGE_VAL; }),
            "logit_bias.3 cannot be inf");
  EXPECT_NE(refusal([](Request& r) { r.sampling.logit_bias[-3] = 1; }), "");
  EXPECT_EQ(refusal([](Request& r) { r.stop = {"a", ""}; }), "stop[1] is empty");
  EXPECT_EQ(refusal([](Request& r) {
              r.constraint = {Constraint::Kind::json_schema, std::string(100, '[')};
            }),
            "the JSON schema is nested deeper than 64");
  EXPECT_EQ(refusal([](Request& r) { r.constraint.kind = Constraint::Kind::regex; }),
            "constraint.text is empty");
}

TEST(CheckRequest, RefusesPromptsThatCannotWork) {
  EXPECT_EQ(refusal([](Request& r) { r.prompt = "\xFF"; }), "prompt is not valid UTF-8");
  EXPECT_EQ(refusal([](Request& r) { r.prompt = std::vector<Message>{}; }), "messages is empty");
  EXPECT_EQ(refusal([](Request& r) {
              r.prompt = std::vector<Message>{{"robot", "x"}};
            }),
            "messages[0].role cannot be \"robot\"");
  EXPECT_EQ(refusal([](Request& r) {
              r.prompt = std::vector<Message>{{"user", "x"}, {"user", "\xC0\x80"}};
            }),
            "messages[1].content is not valid UTF-8");
  EXPECT_EQ(refusal([](Request& r) { r.prompt = std::vector<TokenId>{}; }), "tokens is empty");
  EXPECT_EQ(refusal([](Request& r) { r.prompt = std::vector<TokenId>{-1}; }),
            "tokens has a negative id");
  EXPECT_EQ(refusal([](Request& r) { r.stop = {"\xED\xA0\x80"}; }), "stop[0] is not valid UTF-8");
  EXPECT_EQ(refusal([](Request& r) {
              r.constraint = {Constraint::Kind::regex, "\xFF"};
            }),
            "constraint.text is not valid UTF-8");
}

TEST(CheckRequest, RefusesWhatARoleDoesNotHave) {
  const auto refused = [](Message message) {
    return refusal([&](Request& r) { r.prompt = std::vector<Message>{std::move(message)}; });
  };
  EXPECT_EQ(refused({"assistant", "", "Hm.", {{"1", "f", "{}"}}}), "");
  EXPECT_EQ(refused({"tool", "ok", "", {}, "1", "f"}), "");
  EXPECT_EQ(refused({"user", "x", "Hm."}),
            "messages[0].reasoning belongs to messages of the role assistant only");
  EXPECT_EQ(refused({"tool", "x", "", {{"1", "f", "{}"}}}),
            "messages[0].tool_calls belongs to messages of the role assistant only");
  EXPECT_EQ(refused({"user", "x", "", {}, "1"}),
            "messages[0].tool_call_id belongs to messages of the role tool only");
  EXPECT_EQ(refused({"assistant", "x", "", {}, "", "f"}),
            "messages[0].name belongs to messages of the role tool only");
  EXPECT_EQ(refused({"assistant", "", "\xFF"}), "messages[0].reasoning is not valid UTF-8");
  EXPECT_EQ(refused({"assistant", "", "", {{"1", "\xFF", "{}"}}}),
            "messages[0].tool_calls[0].name is not valid UTF-8");
  for (const char* arguments : {"", "[]", "{", "{} {}"}) {
    EXPECT_EQ(refused({"assistant", "", "", {{"1", "f", arguments}}}),
              "messages[0].tool_calls[0].arguments is not the JSON text of an object");
  }
}

TEST(CheckRequest, RefusesToolsThatCannotWork) {
  const auto refused = [](std::vector<Tool> tools) {
    return refusal([&](Request& r) { r.prompt = ChatPrompt({{"user", "x"}}, std::move(tools)); });
  };
  EXPECT_EQ(refused({{""}}), "tools[0].name cannot be \"\"");
  EXPECT_EQ(refused({{"a b"}}), "tools[0].name cannot be \"a b\"");
  EXPECT_EQ(refused({{"\xFF"}}), "tools[0].name cannot be \"…\"");
  EXPECT_EQ(refused({{std::string(129, 'a')}}).substr(0, 25), "tools[0].name cannot be \"");
  EXPECT_EQ(refused({{"a"}, {"a"}}), "tools[1].name is \"a\", as that of another tool");
  EXPECT_EQ(refused({{"a", "\xFF"}}), "tools[0].description is not valid UTF-8");
  EXPECT_EQ(refused({{"a", "", "true"}}), "tools[0].parameters is not the JSON text of an object");
  std::string deep = "{}";
  for (int i = 0; i < 70; ++i) deep = R"({"a": )" + deep + "}";
  EXPECT_EQ(refused({{"a", "", deep}}), "tools[0].parameters is nested deeper than 64");
}

TEST(CheckRequest, ToolChoiceNeedsTheTool) {
  const auto refused = [](ToolChoice choice, std::vector<Tool> tools) {
    return refusal([&](Request& r) {
      r.prompt = ChatPrompt({{"user", "x"}}, std::move(tools));
      r.tool_choice = std::move(choice);
    });
  };
  using Kind = ToolChoice::Kind;
  EXPECT_EQ(refused({Kind::none}, {}), "");
  EXPECT_EQ(refused({Kind::named, "a"}, {{"a"}}), "");
  EXPECT_EQ(refused({Kind::required}, {}), "tool_choice asks for a tool, and the request has none");
  EXPECT_EQ(refused({Kind::required, "a"}, {{"a"}}), "tool_choice.name needs the kind \"named\"");
  EXPECT_EQ(refused({Kind::named, "b"}, {{"a"}}), "tool_choice.name is \"b\", which no tool has");
  EXPECT_EQ(refusal([](Request& r) {
              r.tool_choice = {Kind::named, "a"};
            }),
            "tool_choice asks for a tool, and the request has none");
}

TEST(CheckRequest, OnlyAJsonSchemaStandsBesideTools) {
  const auto refused = [](Constraint::Kind kind, ToolChoice::Kind choice) {
    return refusal([&](Request& r) {
      r.prompt = ChatPrompt({{"user", "x"}}, {{"a"}});
      r.constraint = {kind, "{}"};
      r.tool_choice.kind = choice;
    });
  };
  using Kind = Constraint::Kind;
  EXPECT_EQ(refused(Kind::json_schema, ToolChoice::Kind::automatic), "");
  EXPECT_EQ(refused(Kind::regex, ToolChoice::Kind::none), "");
  for (const auto kind : {Kind::regex, Kind::lark}) {
    EXPECT_EQ(refused(kind, ToolChoice::Kind::automatic),
              "constraint.kind cannot be regex or grammar where tools may be called");
  }
}

TEST(CheckRequest, NamesTheUnsupportedOptionAndWhoHasIt) {
  Capabilities nothing;
  nothing.engine = "picollm";
  nothing.text_prompts = true;
  EXPECT_TRUE(check_request(simple(), nothing).ok());
  Request request = simple();
  request.constraint = {Constraint::Kind::json_schema, "{}"};
  const auto checked = check_request(request, nothing);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
  EXPECT_EQ(checked.error().message, "picollm does not have json_schema");
  EXPECT_NE(checked.error().hint.find("llama.cpp"), std::string::npos);
  EXPECT_NE(checked.error().hint.find("Apple Foundation Models"), std::string::npos);
  EXPECT_EQ(checked.error().hint.find("picoLLM"), std::string::npos);
  EXPECT_TRUE(check_request(request, everything()).ok());
}

TEST(CheckRequest, EveryOptionThatIsGivenNeedsTheEngine) {
  Request request = simple();
  request.sampling = {0, 1, 0.5, 0.5, 2, 1, 1, 1, 1, {{1, 1.0}}};
  request.max_tokens = 1;
  request.stop = {"x"};
  request.logprobs = 1;
  request.constraint = {Constraint::Kind::lark, "x"};
  request.deadline = std::chrono::milliseconds(5);
  request.answered = {1};
  request.split_reasoning = false;
  request.thinking.mode = Thinking::Mode::on;
  request.ignore_end = true;
  request.allow_repetition = true;
  request.prompt = ChatPrompt({{"user", "x"}}, {{"a"}});
  request.tool_choice.kind = ToolChoice::Kind::none;
  request.parallel_tool_calls = false;
  EXPECT_TRUE(check_request(request, everything()).ok());
  for (const auto option : core_request_options()) {
    if (option == "json_schema" || option == "regex") continue;
    Capabilities without = everything();
    std::erase(without.request_options, option);
    const auto checked = check_request(request, without);
    ASSERT_FALSE(checked.ok()) << option;
    EXPECT_EQ(checked.error().message, "llama_cpp does not have " + std::string(option));
  }
  Capabilities without = everything();
  without.resumes = false;
  EXPECT_NE(check_request(request, without).error().message.find("cannot go on with an answer"),
            std::string::npos);
  request.answered.clear();
  EXPECT_TRUE(check_request(request, without).ok());
}

TEST(CheckOptions, NamesTheOptionAndWhatIsAllowed) {
  const auto message = [](const LoadOptions& options) {
    const auto checked = check_engine_options(options, everything());
    return checked.ok() ? "" : checked.error().message + " | " + checked.error().hint;
  };
  const auto with = [&](const std::string& name, OptionValue value) {
    LoadOptions options;
    options.engine_options[name] = std::move(value);
    return message(options);
  };
  EXPECT_EQ(message({}), "");
  EXPECT_EQ(with("mmap", false), "");
  EXPECT_EQ(with("batch", std::int64_t{8192}), "");
  EXPECT_EQ(with("scale", -3.5), "");
  EXPECT_EQ(with("cache", std::string("q8_0")), "");
  EXPECT_EQ(with("bach", true),
            "llama_cpp has no engine option bach | known: mmap, batch, scale, cache");
  EXPECT_EQ(with("mmap", std::int64_t{1}),
            "engine option mmap must be of type bool, not integer | ");
  EXPECT_EQ(with("batch", std::int64_t{0}), "engine option batch cannot be 0 | allowed: 1 to 8192");
  EXPECT_EQ(with("scale", HUGE_VAL), "engine option scale cannot be inf | give a finite number");
  EXPECT_EQ(with("cache", std::string("f8")),
            "engine option cache cannot be \"f8\" | allowed: f16, q8_0");
  LoadOptions options;
  options.sequences = 2;
  EXPECT_EQ(message(options), "sequences cannot be 2 | allowed: at least 1 and at most 1");
  Capabilities fixed = everything();
  fixed.fixed_context = true;
  options = {};
  options.context_size = 1;
  EXPECT_EQ(check_engine_options(options, fixed).error().code, ErrorCode::unsupported);
  options = {};
  options.context_size = -1;
  EXPECT_EQ(message(options), "context_size cannot be -1 | allowed: at least 0");
}

TEST(CheckRequest, NamesThePromptsThatAnEngineDoesNotTake) {
  const auto refused = [](Prompt prompt, bool EngineTraits::*lacking) {
    Request request;
    request.prompt = std::move(prompt);
    Capabilities can = everything();
    EXPECT_TRUE(check_request(request, can).ok());
    can.*lacking = false;
    const auto checked = check_request(request, can);
    EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
    return checked.error().message;
  };
  const ChatPrompt chat(std::vector<Message>{{"system", "Be brief."}, {"user", "Hi"}});
  EXPECT_EQ(refused(chat, &EngineTraits::chat_prompts), "llama_cpp takes no conversations");
  EXPECT_EQ(refused(chat, &EngineTraits::system_role),
            "llama_cpp takes no messages of the role system");
  EXPECT_EQ(refused("Hi", &EngineTraits::text_prompts), "llama_cpp takes no prompts of plain text");
  EXPECT_EQ(refused(std::vector<TokenId>{1}, &EngineTraits::token_prompts),
            "llama_cpp takes no prompts of token ids");
}

TEST(CheckAdjustment, NamesWhatTheEngineCannotChange) {
  Capabilities can = everything();
  can.adjustable.clear();
  EXPECT_TRUE(check_adjustment({}, can).ok());
  EXPECT_EQ(check_adjustment({2}, can).error().code, ErrorCode::unsupported);
  EXPECT_EQ(check_adjustment({2}, can).error().message,
            "llama_cpp cannot change threads while a model is loaded");
  can.adjustable = {"threads"};
  EXPECT_TRUE(check_adjustment({2}, can).ok());
  EXPECT_TRUE(check_adjustment({0}, can).ok());
  EXPECT_EQ(check_adjustment({-1}, can).error().code, ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace tenfold
