#include "engine/json.h"

#include <gtest/gtest.h>

#include <cmath>

#include "engine/json_fields.h"
#include "engine/table.h"

namespace tenfold {
namespace {

/// Through JSON text and through CBOR: both must keep everything.
Json through_text(const Json& json) { return Json::parse(json.dump()); }
Json through_cbor(const Json& json) { return Json::from_cbor(Json::to_cbor(json)); }

Request full_request() {
  Request request;
  request.prompt =
      ChatPrompt({{"system", "Be brief."},
                  {"user", "Grüße 👋"},
                  {"assistant", "", "Hm.", {{"call_1", "greet", R"({"to": "👋"})"}}},
                  {"tool", "done", "", {}, "call_1", "greet"}},
                 {{"greet", "Says hello.",
                   R"({"type": "object", "properties": {"to": {}, "b": {}, "a": {}}})"},
                  {"leave"}});
  request.tool_choice = {ToolChoice::Kind::named, "greet"};
  request.parallel_tool_calls = false;
  request.sampling = {0.25, 7, 0.5, 0.125, 1.5, -0.5, 2, -1, 0xFFFF'FFFF'FFFF'FFFF, {}};
  request.sampling.logit_bias = {{3, -1.5}, {4, -HUGE_VAL}};
  request.max_tokens = 12;
  request.stop = {"\n\n", "END"};
  request.logprobs = 20;
  request.constraint = {Constraint::Kind::lark, "start: \"a\""};
  request.deadline = std::chrono::milliseconds(1500);
  request.answered = {5, 6};
  request.split_reasoning = false;
  return request;
}

TEST(Json, ThinkingIsAFewWords) {
  using Mode = Thinking::Mode;
  const std::pair<const char*, Thinking> words[] = {{"on", {Mode::on}},
                                                    {"off", {Mode::off}},
                                                    {"none", {Mode::off}},
                                                    {"0", {Mode::off}},
                                                    {"low", {Mode::on, "low"}},
                                                    {"512", {Mode::on, "", 512}},
                                                    {"on,high,9", {Mode::on, "high", 9}}};
  for (const auto& [text, expected] : words) {
    const auto read = parse_thinking(text, "--think");
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(*read, expected) << text;
    EXPECT_EQ(*parse_thinking(value_json(expected).get<std::string>(), "x"), expected) << text;
  }
  for (const char* text : {"", "high,", "-1", "lower", "99999999999"}) {
    EXPECT_EQ(parse_thinking(text, "--think").error().code, ErrorCode::invalid_argument) << text;
  }
}

TEST(Json, RequestKeepsEveryField) {
  for (const auto& channel : {through_text, through_cbor}) {
    const auto read = request_from_json(channel(to_json(full_request())));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(to_json(*read), to_json(full_request()));
    EXPECT_EQ(std::get<0>(read->prompt), std::get<0>(full_request().prompt));
    EXPECT_EQ(read->sampling.seed, 0xFFFF'FFFF'FFFF'FFFF);
    EXPECT_EQ(read->sampling.logit_bias, full_request().sampling.logit_bias);
    EXPECT_EQ(read->deadline, full_request().deadline);
  }
}

TEST(Json, RequestDefaultsStay) {
  const auto read = request_from_json(Json::parse(R"({"prompt": "Hi"})"));
  ASSERT_TRUE(read.ok());
  Request expected;
  expected.prompt = "Hi";
  EXPECT_EQ(to_json(*read), to_json(expected));
  for (const auto kind : {Constraint::Kind::json_schema, Constraint::Kind::regex}) {
    expected.constraint = {kind, "x"};
    EXPECT_EQ(request_from_json(to_json(expected))->constraint.kind, kind);
  }
  for (const auto kind : {ToolChoice::Kind::none, ToolChoice::Kind::required}) {
    expected.tool_choice.kind = kind;
    EXPECT_EQ(request_from_json(to_json(expected))->tool_choice.kind, kind);
  }
}

TEST(Json, PromptsOfAllKinds) {
  const Prompt prompts[] = {std::vector<Message>{{"user", "a"}},
                            ChatPrompt({{"user", "a"}}, {{"tool"}}), std::string("text"),
                            std::vector<TokenId>{1, 2, 3}};
  for (const Prompt& prompt : prompts) {
    const auto read = prompt_from_json(through_cbor(to_json(prompt)));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, prompt);
  }
}

TEST(Json, RequestFaultsNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "exactly one of messages, prompt and tokens"},
      {R"({"prompt": "a", "tokens": [1]})", "exactly one"},
      {R"([])", "request must be an object"},
      {R"({"prompt": 3})", "request.prompt must be a string"},
      {R"({"prompt": "a", "temprature": 1})", "request.temprature is not a known field"},
      {R"({"prompt": "a", "temperature": "1"})", "request.temperature must be a number"},
      {R"({"prompt": "a", "top_k": 1.5})", "request.top_k must be an integer"},
      {R"({"prompt": "a", "top_k": 3000000000})", "request.top_k must be an integer of at most"},
      {R"({"prompt": "a", "top_k": -3000000000})", "request.top_k must be an integer of at most"},
      {R"({"prompt": "a", "seed": -1})", "request.seed must be an integer of at least 0"},
      {R"({"prompt": "a", "max_tokens": null})", "request.max_tokens must be an integer"},
      {R"({"prompt": "a", "stop": "x"})", "request.stop must be an array"},
      {R"({"prompt": "a", "stop": ["x", 1]})", "request.stop[1] must be a string"},
      {R"({"prompt": "a", "logit_bias": []})", "request.logit_bias must be an object"},
      {R"({"prompt": "a", "logit_bias": {"x": 1}})", "the key \"x\", which is not a token id"},
      {R"({"prompt": "a", "logit_bias": {"1": null}})", "request.logit_bias.1 must be a number"},
      {R"({"prompt": "a", "split_reasoning": 1})", "split_reasoning must be true or false"},
      {R"({"prompt": "a", "constraint": {"kind": "bnf", "text": ""}})", "constraint.kind"},
      {R"({"prompt": "a", "constraint": {"kind": "regex"}})", "constraint.text is missing"},
      {R"({"prompt": "a", "deadline_ms": 18446744073709551615})", "request.deadline_ms"},
      {R"({"messages": [{"role": "user"}]})", "request.messages[0].content is missing"},
      {R"({"prompt": "a", "tools": []})", "tools can only be used in a conversation"},
      {R"({"tools": []})", "exactly one of messages, prompt and tokens"},
      {R"({"messages": [], "tools": [{}]})", "request.tools[0].name is missing"},
      {R"({"messages": [], "tool_choice": {"kind": "any"}})", "request.tool_choice.kind"},
      {R"({"messages": [{"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}]})",
       "request.messages[0].tool_calls[0].name is missing"},
      {R"({"messages": [7]})", "request.messages[0] must be an object"},
  };
  for (const auto& [text, message] : cases) {
    const auto read = request_from_json(Json::parse(text));
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(read.error().message.find(message), std::string::npos) << read.error().message;
  }
}

TEST(Json, TextThatIsNotUtf8IsRefusedByName) {
  Json json{{"prompt", "broken \xC3"}};
  const auto read = request_from_json(json);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message, "request.prompt is not valid UTF-8");
}

TEST(Json, AnswerKeepsPartialCharactersOfLogprobs) {
  Answer answer;
  answer.text = "é";
  answer.reasoning = "hm";
  answer.tokens = {5, 6};
  answer.logprobs = {{5, "\xC3", -0.5, {{5, "\xC3", -0.5, {}}, {9, "x", -HUGE_VAL, {}}}},
                     {6, std::string("\xA9\0", 2), -0.25, {}}};
  answer.tool_calls = {{"call_1", "greet", "{}"}};
  answer.finish = FinishReason::stop_string;
  answer.stop_string = "\n";
  answer.seed = 1ULL << 63;
  answer.usage = {10, 4, 2, 0, 0.5, 0.25, 0.125, 1ULL << 40, 1};
  for (const auto& channel : {through_text, through_cbor}) {
    const auto read = answer_from_json(channel(to_json(answer)));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(to_json(*read), to_json(answer));
    EXPECT_EQ(read->logprobs[0].bytes, "\xC3");
    EXPECT_EQ(read->logprobs[1].bytes.size(), 2U);
    EXPECT_EQ(read->logprobs[0].top[1].logprob, -HUGE_VAL);
    EXPECT_EQ(read->seed, answer.seed);
  }
  EXPECT_FALSE(to_json(answer)["logprobs"][0].contains("token"));
  Json wrong = to_json(answer);
  wrong["logprobs"][0]["bytes"] = {256};
  EXPECT_FALSE(answer_from_json(wrong).ok());
  wrong = to_json(answer);
  wrong["finish"] = "tired";
  EXPECT_FALSE(answer_from_json(wrong).ok());
}

TEST(Json, DeltaHoldsOnlyWhatIsThere) {
  Delta delta;
  EXPECT_EQ(to_json(delta), Json::object());
  delta.text = "a";
  delta.reasoning = "b";
  delta.tokens = {1};
  delta.logprobs = {{1, "a", -1, {}}};
  delta.tool_calls = {{"call_1", "greet", R"({"b": 1, "a": 2})"}};
  const auto read = delta_from_json(through_cbor(to_json(delta)));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(to_json(*read), to_json(delta));
  EXPECT_EQ(read->tool_calls, delta.tool_calls);
}

TEST(Json, CapabilitiesRoundTrip) {
  Capabilities capabilities = static_capabilities("llama_cpp");
  capabilities.version = "1.2";
  capabilities.options = {{"mmap", true, "Map the file.", {}, 0, 0},
                          {"batch", std::int64_t{512}, "Tokens.", {}, 1, 8192},
                          {"scale", 1.0, "Factor.", {}, 0.5, HUGE_VAL},
                          {"cache", std::string("f16"), "Type.", {"f16", "q8_0"}, 0, 0}};
  for (const auto kind : {OptionKind::path, OptionKind::folder, OptionKind::secret,
                          OptionKind::hosts, OptionKind::layers_on_hosts}) {
    capabilities.options.push_back({std::string(to_string(kind)), "", "", {}, 0, 0, kind});
  }
  for (const auto& channel : {through_text, through_cbor}) {
    const auto read = capabilities_from_json(channel(to_json(capabilities)));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(to_json(*read), to_json(capabilities));
    EXPECT_EQ(read->options[2].default_value, OptionValue(1.0));
  }
  Json wrong = to_json(capabilities);
  wrong["options"][0]["type"] = "integer";
  EXPECT_FALSE(capabilities_from_json(wrong).ok());
  wrong = to_json(capabilities);
  wrong["options"][0]["kind"] = "telepathy";
  EXPECT_EQ(capabilities_from_json(wrong).error().message,
            "capabilities.options[0].kind is not a known kind");
}

TEST(Json, ProgressAndErrorsRoundTrip) {
  const PromptProgress progress{512, 4096, 100};
  EXPECT_EQ(*prompt_progress_from_json(through_cbor(to_json(progress))), progress);
  EXPECT_FALSE(prompt_progress_from_json({{"read", 1}}).ok());
  Error error = fail(ErrorCode::license, "the quota is used up", "wait");
  EXPECT_FALSE(to_json(error).contains("retry_after_seconds"));
  error.retry_after = std::chrono::seconds(60);
  const Error read = error_from_json(through_cbor(to_json(error)));
  EXPECT_EQ(read.code, ErrorCode::license);
  EXPECT_EQ(read.hint, "wait");
  EXPECT_EQ(read.retry_after, std::chrono::seconds(60));
}

TEST(Json, ModelInfoAndLoadOptionsRoundTrip) {
  ModelInfo info{"/m.gguf", "gguf", "llama", "tiny", 1ULL << 35, 77,
                 100,       8192,   4096,    2,      "{{x}}",    1};
  info.sampling.temperature = 0.2;
  EXPECT_EQ(to_json(*model_info_from_json(through_cbor(to_json(info)))), to_json(info));
  EXPECT_EQ(model_info_from_json(to_json(info))->sampling, info.sampling);
  LoadOptions options{2048, 2, 1ULL << 33, 3, {{"a", true}, {"b", 1.0}, {"c", std::int64_t{-4}}}};
  options.engine_options["d"] = "text";
  const auto read = load_options_from_json(through_text(to_json(options)));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->engine_options, options.engine_options);
  EXPECT_EQ(to_json(*read), to_json(options));
  EXPECT_FALSE(load_options_from_json({{"engine_options", {{"a", Json::array()}}}}).ok());
  EXPECT_FALSE(load_options_from_json({{"engine_options", {{"a", ~0ULL}}}}).ok());
  EXPECT_FALSE(load_options_from_json({{"engine_options", 1}}).ok());
}

TEST(Json, AdjustmentsRoundTrip) {
  EXPECT_EQ(adjustment_from_json(through_cbor(to_json(Adjustment{3})))->threads, 3);
  EXPECT_EQ(adjustment_from_json(to_json(Adjustment{}))->threads, std::nullopt);
  EXPECT_FALSE(adjustment_from_json({{"thraeds", 3}}).ok());
}

TEST(Json, ErrorsCanAlwaysBePrinted) {
  const Error error{ErrorCode::bad_model, "bad \xFF name \xE2\x82\xAC", "none"};
  const Json json = to_json(error);
  EXPECT_EQ(Json::parse(json.dump())["message"], "bad \xEF\xBF\xBD name \xE2\x82\xAC");
  EXPECT_EQ(error_from_json(json).code, ErrorCode::bad_model);
  EXPECT_EQ(error_from_json(Json(3)).code, ErrorCode::invalid_argument);
}

TEST(Json, AResolvedModelKeepsEveryFieldAndTheBytesOfItsPaths) {
  ResolvedModel model;
  model.name = "small";
  model.built_in = true;
  model.path = "/models/odd \xff name";
  model.file = model.path / "model.onnx";
  model.format = "onnx";
  model.architecture = "llama";
  model.quantization = "int4";
  model.sha256 = "00ff";
  model.parameters = 1;
  model.weight_bytes = std::uint64_t{1} << 40;
  model.files = {model.file, model.path / "tokenizer.json"};
  model.sizes = {1024, 2, 32, 512};
  model.text = {.tokenizer = model.path / "tokenizer.json",
                .begin_token = "<s>",
                .end_token = "</s>",
                .begin = 1,
                .end_texts = {"<|end|>"},
                .ends = {2, 0},
                .chat_template = "{{ messages }}",
                .template_source = model.path / "chat_template.jinja"};
  model.sampling.top_k = 1;
  model.memory = 5;
  const auto read = resolved_model_from_json(through_cbor(to_json(model)));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(model));
  EXPECT_EQ(read->path, model.path);
  Json broken = to_json(model);
  broken["text"]["ends"] = "no list";
  EXPECT_EQ(resolved_model_from_json(broken).error().message, "model.text.ends must be an array");
}

}  // namespace
}  // namespace tenfold
