// generate(), stream() and cancel() of every engine.
#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "contract.h"
#include "engine/json.h"
#include "engine/options.h"
#include "engine/table.h"

namespace tenfold::contract {
namespace {

using EngineContract = LoadedContractTest;

const std::string city = "What is the capital of France?";

TEST_F(EngineContract, SaysOfItselfWhatTheTableSays) {
  Capabilities expected = static_capabilities(settings().engine);
  const Capabilities& can = engine_->capabilities();
  expected.version = can.version;
  expected.options = can.options;
  EXPECT_EQ(to_json(can), to_json(expected));
  std::map<std::string_view, OptionKind> uses;
  for (const OptionSpec& option : can.options) {
    if (option.kind == OptionKind::value) continue;
    uses.emplace(option.name, option.kind);
    const bool is_number = std::holds_alternative<std::int64_t>(option.default_value);
    EXPECT_EQ(is_number, option.kind == OptionKind::layers_on_hosts) << option.name;
    EXPECT_TRUE(is_number || std::holds_alternative<std::string>(option.default_value));
    EXPECT_TRUE(option.choices.empty()) << option.name;
  }
  std::map<std::string_view, OptionKind> expected_uses;
  for (const OptionUse& use : find_engine(settings().engine)->option_uses) {
    expected_uses.emplace(use.name, use.kind);
    if (use.kind != OptionKind::folder) continue;
    const auto option = std::ranges::find(can.options, use.name, &OptionSpec::name);
    ASSERT_NE(option, can.options.end()) << use.name;
    const OptionValue by_default =
        use.is_own_folder ? default_option_folder(can.engine).string() : std::string();
    EXPECT_EQ(option->default_value, by_default) << use.name;
  }
  EXPECT_EQ(uses, expected_uses);
}

TEST_F(EngineContract, DeltasConcatenateToTheAnswer) {
  Request request = ask(city);
  const bool with_logprobs = engine_->capabilities().honours("logprobs");
  if (with_logprobs) request.logprobs = 1;
  Answer streamed;
  const Answer whole = answer(request, [&](const Delta& delta) {
    streamed.text += delta.text;
    streamed.reasoning += delta.reasoning;
    streamed.tokens.insert(streamed.tokens.end(), delta.tokens.begin(), delta.tokens.end());
    streamed.logprobs.insert(streamed.logprobs.end(), delta.logprobs.begin(), delta.logprobs.end());
  });
  EXPECT_FALSE(whole.text.empty());
  EXPECT_EQ(streamed.text, whole.text);
  EXPECT_EQ(streamed.reasoning, whole.reasoning);
  EXPECT_EQ(streamed.tokens, whole.tokens);
  EXPECT_EQ(whole.tokens.empty(), !engine_->capabilities().token_ids);
  EXPECT_EQ(streamed.logprobs.size(), whole.logprobs.size());
  EXPECT_EQ(whole.logprobs.empty(), !with_logprobs);
  const Answer generated = answer(ask(city));
  EXPECT_EQ(generated.text, whole.text);
  EXPECT_EQ(generated.tokens, whole.tokens);
}

TEST_F(EngineContract, GreedyIsDeterministic) {
  const Answer first = answer(ask(city));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answer(ask(city)).text, first.text);
    EXPECT_EQ(answer(ask(city)).tokens, first.tokens);
  }
}

TEST_F(EngineContract, ASeedRepeatsAnAnswer) {
  if (!engine_->capabilities().honours("seed")) GTEST_SKIP() << "the engine takes no seed";
  Request request = ask("Tell me something.", 16);
  request.sampling.temperature = 1.5;
  // Numbers may depend on which tokens are evaluated together: with a cached prompt, the last
  // alone.
  answer(request);
  const Answer free = answer(request);
  request.sampling.seed = free.seed;
  EXPECT_EQ(answer(request).text, free.text) << "the seed it reported";
  request.sampling.seed = 42;
  const Answer fixed = answer(request);
  EXPECT_EQ(fixed.seed, 42U);
  EXPECT_EQ(answer(request).text, fixed.text);
  EXPECT_EQ(answer(request).tokens, fixed.tokens);
}

TEST_F(EngineContract, StopsAfterMaxTokens) {
  for (const int most : {1, 2, 3}) {
    const Answer got = answer(ask(city, most));
    EXPECT_EQ(got.usage.generated_tokens, most);
    EXPECT_EQ(got.finish, FinishReason::length);
  }
}

TEST_F(EngineContract, StopStringsEndTheAnswerAndDoNotLeak) {
  if (!engine_->capabilities().honours("stop")) GTEST_SKIP() << "the engine has no stop strings";
  const Answer whole = answer(ask(city));
  ASSERT_GT(whole.text.size(), 4U);
  for (std::size_t at = 1; at + 3 <= whole.text.size(); at += 2) {
    const std::string stop = whole.text.substr(at, 3);
    if (!is_valid_utf8(stop)) continue;  // cut inside a character
    Request request = ask(city);
    request.stop = {"never in the answer", stop};
    std::string streamed;
    const Answer got = answer(request, [&](const Delta& delta) { streamed += delta.text; });
    EXPECT_EQ(got.finish, FinishReason::stop_string);
    EXPECT_EQ(got.stop_string, stop);
    EXPECT_EQ(got.text, whole.text.substr(0, whole.text.find(stop)));
    EXPECT_EQ(streamed, got.text);
  }
}

TEST_F(EngineContract, CancelFromACallbackEndsTheAnswer) {
  load({});  // with the largest context
  int deltas = 0;
  const Answer got = answer(endless(city), [&](const Delta&) {
    if (++deltas == 2) engine_->cancel();
  });
  EXPECT_EQ(to_string(got.finish), "cancelled");
  EXPECT_EQ(to_string(answer(ask(city, 2)).finish), "length") << "the next one is not";
}

TEST_F(EngineContract, CancelFromAnotherThreadEndsTheAnswer) {
  load({});
  std::mutex mutex;
  std::condition_variable changed;
  bool started = false;
  bool cancelled = false;
  std::jthread other([&] {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return started; });
    engine_->cancel();
    cancelled = true;
    changed.notify_all();
  });
  // The first delta waits for the cancel: the answer runs when it comes.
  const Answer got = answer(endless(city), [&](const Delta&) {
    std::unique_lock lock(mutex);
    started = true;
    changed.notify_all();
    changed.wait(lock, [&] { return cancelled; });
  });
  EXPECT_EQ(to_string(got.finish), "cancelled");
  EXPECT_EQ(to_string(answer(ask(city, 2)).finish), "length");
}

TEST_F(EngineContract, ADeadlineEndsTheAnswer) {
  if (!engine_->capabilities().honours("deadline_ms")) GTEST_SKIP() << "it takes no deadline";
  Request request = endless(city);
  request.deadline = std::chrono::milliseconds(1);
  const Answer got = answer(
      request, [](const Delta&) { std::this_thread::sleep_for(std::chrono::milliseconds(2)); });
  EXPECT_EQ(to_string(got.finish), "deadline");
  EXPECT_LT(got.usage.generated_tokens, 10);
}

TEST_F(EngineContract, RefusesAPromptLongerThanTheContext) {
  std::string text;
  for (int i = 0; i < info_.context_size + 144; ++i) text += "word ";
  const auto refused = engine_->generate(ask(text));
  ASSERT_FALSE(refused.ok());
  expect_error(refused.error(), ErrorCode::context_exceeded, std::to_string(info_.context_size));
  EXPECT_FALSE(answer(ask(city)).text.empty());
}

TEST_F(EngineContract, RefusesBadRequestsByName) {
  const auto refused = [&](const std::string& part, const auto& change) {
    Request request = ask(city);
    change(request);
    const auto result = engine_->generate(request);
    EXPECT_FALSE(result.ok()) << part;
    if (!result.ok()) expect_error(result.error(), ErrorCode::invalid_argument, part);
  };
  refused("temperature", [](Request& r) { r.sampling.temperature = -1; });
  refused("top_k", [](Request& r) { r.sampling.top_k = -1; });
  refused("top_p", [](Request& r) { r.sampling.top_p = 0; });
  refused("min_p", [](Request& r) { r.sampling.min_p = 2; });
  refused("repeat_penalty", [](Request& r) { r.sampling.repeat_penalty = 0; });
  refused("max_tokens", [](Request& r) { r.max_tokens = 0; });
  refused("logprobs", [](Request& r) { r.logprobs = 21; });
  refused("UTF-8", [](Request& r) { r.prompt = std::string("\xff"); });
  refused("messages", [](Request& r) { r.prompt = std::vector<Message>{}; });
  refused("stop", [](Request& r) { r.stop = {""}; });
  EXPECT_FALSE(answer(ask(city)).text.empty());
}

/// What is not listed is refused by name, not ignored; what is listed works.
TEST_F(EngineContract, NamesWhatItLacks) {
  const std::vector<std::pair<std::string, void (*)(Request&)>> fields = {
      {"stop", [](Request& r) { r.stop = {"x"}; }},
      {"logprobs", [](Request& r) { r.logprobs = 1; }},
      {"seed", [](Request& r) { r.sampling.seed = 1; }},
      {"logit_bias", [](Request& r) { r.sampling.logit_bias[1] = 1; }},
      {"json_schema",
       [](Request& r) {
         r.constraint = {Constraint::Kind::json_schema, "{}"};
       }},
      {"regex",
       [](Request& r) {
         r.constraint = {Constraint::Kind::regex, "a"};
       }},
      {"grammar",
       [](Request& r) {
         r.constraint = {Constraint::Kind::lark, "start: \"a\""};
       }},
  };
  const Capabilities& can = engine_->capabilities();
  const auto expect = [&](const auto& result, bool has, const std::string& name) {
    if (has) {
      EXPECT_TRUE(result.ok()) << name << ": " << result.error().message;
    } else {
      ASSERT_FALSE(result.ok()) << name << " is ignored";
      expect_error(result.error(), ErrorCode::unsupported, name);
    }
  };
  for (const auto& [name, set] : fields) {
    Request request = ask(city, 2);
    set(request);
    expect(engine_->generate(request), can.honours(name), name);
  }
  Request begun = ask(city, 2);
  begun.answered = {1};
  expect(engine_->generate(begun), can.resumes, "answered");
  const auto asked = [&](Prompt prompt) {
    Request request = ask(city, 2);
    request.prompt = std::move(prompt);
    return engine_->generate(request);
  };
  expect(asked(std::vector<Message>{{"user", "Hi"}}), can.chat_prompts, "conversations");
  expect(asked(std::vector<Message>{{"system", "Be brief."}, {"user", "Hi"}}), can.system_role,
         "system");
  expect(asked("Once upon a time"), can.text_prompts, "text");
  expect(asked(std::vector<TokenId>{1, 2}), can.token_prompts, "token ids");
  expect(engine_->score(std::vector<TokenId>{1, 2}), can.score, "score");
  expect(engine_->prepare(std::string("Hi")), can.prepare, "prepare");
  expect(engine_->embed(std::vector<std::string>{"Hi"}), can.embeddings, "embeddings");
}

/// A call goes to the caller, and the conversation goes on after its result.
TEST_F(EngineContract, ToolsAreCalledAndTheirResultsRead) {
  const Capabilities& can = engine_->capabilities();
  // Tools take much of a prompt.
  LoadOptions options = load_options();
  options.context_size = 0;
  if (load(options).context_size < 512 && !is_built_in()) {
    GTEST_SKIP() << "the model has no room for tools";
  }
  Request request = ask(city, 64);
  auto& chat = std::get<ChatPrompt>(request.prompt);
  chat.tools = {{"find", "Finds a city",
                 R"({"type":"object","properties":{"city":{"enum":["Paris","Rome"]}},
                     "required":["city"]})"}};
  if (can.honours("tool_choice")) request.tool_choice.kind = ToolChoice::Kind::required;
  if (!can.honours("tools")) {
    expect_error(engine_->generate(request).error(), ErrorCode::unsupported, "tools");
    return;
  }
  const Answer asks = answer(request);
  EXPECT_EQ(to_string(asks.finish), "tool_call");
  ASSERT_FALSE(asks.tool_calls.empty());
  const ToolCall& call = asks.tool_calls.front();
  EXPECT_EQ(call.name, "find");
  EXPECT_THAT(call.arguments,
              testing::AnyOf(testing::HasSubstr("Paris"), testing::HasSubstr("Rome")));
  EXPECT_FALSE(call.id.empty());
  chat.messages.push_back(
      {.role = "assistant", .content = asks.text, .tool_calls = asks.tool_calls});
  for (const ToolCall& asked : asks.tool_calls) {
    chat.messages.push_back({.role = "tool", .content = "found", .tool_call_id = asked.id});
  }
  request.tool_choice = {};
  const Answer after = answer(request);
  EXPECT_GT(after.usage.prompt_tokens, asks.usage.prompt_tokens);
}

TEST_F(EngineContract, AdjustsWhatItLists) {
  const Answer before = answer(ask(city));
  const auto adjusted = engine_->adjust({settings().threads + 1});
  const auto& can = engine_->capabilities().adjustable;
  if (std::ranges::find(can, "threads") == can.end()) {
    ASSERT_FALSE(adjusted.ok());
    expect_error(adjusted.error(), ErrorCode::unsupported, "threads");
  } else {
    EXPECT_TRUE(adjusted.ok()) << adjusted.error().message;
    EXPECT_EQ(engine_->adjust({-1}).error().code, ErrorCode::invalid_argument);
  }
  EXPECT_TRUE(engine_->adjust({}).ok());
  EXPECT_EQ(answer(ask(city)).text, before.text);
}

}  // namespace
}  // namespace tenfold::contract
