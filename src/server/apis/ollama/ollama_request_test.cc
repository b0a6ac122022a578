#include "server/apis/ollama/ollama_request.h"

#include <gmock/gmock.h>

#include "server/apis/ollama/options.h"

namespace tenfold::server::ollama {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Result<AnswerFields> chat(const std::string& body) {
  return read_chat(Json::parse(body), body, Limits{});
}

Result<AnswerFields> generate(const std::string& body) {
  return read_generate(Json::parse(body), body);
}

const std::vector<Message>& messages(const AnswerFields& fields) {
  return std::get<ChatPrompt>(fields.request.prompt).messages;
}

TEST(OllamaChat, ReadsWhatItKnows) {
  const auto fields = chat(R"({"model": "m", "think": true, "keep_alive": "5m", "format": "json",
      "messages": [{"role": "user", "content": "Hi"}], "logprobs": true, "top_logprobs": 2,
      "options": {"temperature": 0, "top_k": 3, "top_p": 0.5, "min_p": 0.1, "seed": 7,
        "num_predict": 9, "num_ctx": 512, "stop": ["x"], "repeat_penalty": 1.1,
        "presence_penalty": 0.2, "frequency_penalty": 0.3, "repeat_last_n": 32}})")
                          .value();
  EXPECT_EQ(fields.use.model, "m");
  EXPECT_EQ(fields.use.context_size, 512);
  EXPECT_EQ(fields.use.keep_alive, milliseconds(300'000));
  EXPECT_TRUE(fields.stream);
  EXPECT_FALSE(fields.load_only);
  const Request& request = fields.request;
  EXPECT_EQ(request.sampling.temperature, 0);
  EXPECT_EQ(request.sampling.top_k, 3);
  EXPECT_EQ(request.sampling.min_p, 0.1);
  EXPECT_EQ(request.sampling.seed, 7U);
  EXPECT_EQ(request.sampling.repeat_penalty, 1.1);
  EXPECT_EQ(request.sampling.penalty_window, 32);
  EXPECT_EQ(request.max_tokens, 9);
  EXPECT_EQ(request.logprobs, 2);
  EXPECT_EQ(request.stop, std::vector<std::string>{"x"});
  EXPECT_EQ(request.constraint.text, R"({"type":"object"})");
}

TEST(OllamaChat, MinusOneIsNoSeedAndNoBound) {
  const auto fields = chat(R"({"options": {"seed": -1, "num_predict": -1}, "messages": []})");
  EXPECT_FALSE(fields->request.sampling.seed);
  EXPECT_FALSE(fields->request.max_tokens);
}

TEST(OllamaChat, WithoutMessagesTheModelIsOnlyLoaded) {
  EXPECT_TRUE(chat(R"({"model": "m"})")->load_only);
  EXPECT_TRUE(generate(R"({"model": "m", "keep_alive": 0})")->load_only);
}

TEST(OllamaChat, ResultsBelongToTheCallsOfTheirTools) {
  const auto fields = chat(R"({"messages": [{"role": "assistant", "tool_calls": [
      {"function": {"name": "f", "arguments": {"z": 1, "a": 2}}},
      {"function": {"name": "g", "arguments": {}}}]},
      {"role": "tool", "tool_name": "g", "content": "1"}, {"role": "tool", "content": "2"}]})");
  const auto& read = messages(*fields);
  EXPECT_EQ(read[0].tool_calls[0].arguments, R"({"z":1,"a":2})");
  EXPECT_EQ(read[1].tool_call_id, read[0].tool_calls[1].id);
  EXPECT_EQ(read[2].tool_call_id, read[0].tool_calls[0].id);
  EXPECT_EQ(read[2].name, "f");
}

TEST(OllamaChat, AFormatMayBeASchemaInItsOwnOrder) {
  const auto fields = chat(R"({"format": {"type": "object", "properties": {"b": {}, "a": {}}}})");
  EXPECT_EQ(fields->request.constraint.text, R"({"type":"object","properties":{"b":{},"a":{}}})");
}

TEST(OllamaGenerate, APromptIsAMessageUnlessItIsRaw) {
  const auto fields = generate(R"({"prompt": "Hi", "system": "Be brief."})");
  EXPECT_EQ(messages(*fields)[0].role, "system");
  EXPECT_EQ(messages(*fields)[1].content, "Hi");
  const auto raw = generate(R"({"prompt": "Hi", "raw": true, "stream": false})");
  EXPECT_EQ(std::get<std::string>(raw->request.prompt), "Hi");
  EXPECT_FALSE(raw->stream);
}

struct Refused {
  const char* body;
  const char* message;
};

class OllamaRefusal : public testing::TestWithParam<Refused> {};

TEST_P(OllamaRefusal, NamesTheField) {
  const auto fields = generate(GetParam().body);
  ASSERT_FALSE(fields.ok());
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, OllamaRefusal,
    testing::Values(Refused{R"({"options": {"mirostat": 1}})",
                            "options.mirostat is not a known field"},
                    Refused{R"({"options": {"seed": -2}})", "options.seed"},
                    Refused{R"({"options": {"num_ctx": -1}})", "options.num_ctx must not be"},
                    Refused{R"({"options": 1})", "options must be an object"},
                    Refused{R"({"think": "very"})", "think cannot be"},
                    Refused{R"({"suffix": "x"})", "suffix is not supported"},
                    Refused{R"({"images": ["aGk="]})", "images is not supported"},
                    Refused{R"({"context": [1]})", "context is not supported"},
                    Refused{R"({"template": "x"})", "template is not supported"},
                    Refused{R"({"keep_alive": "5 m"})", "keep_alive must be"},
                    Refused{R"({"keep_alive": true})", "keep_alive must be"},
                    Refused{R"({"format": "xml"})", "format must be"},
                    Refused{R"({"prompt": "a", "raw": true, "system": "b"})", "system"},
                    Refused{R"({"top_logprobs": 1})", "top_logprobs needs"},
                    Refused{R"({"model": "a", "name": "b"})", "differ"},
                    Refused{R"({"width": 1})", "width is not a known field"}));

TEST(OllamaChat, ThinkSwitchesAndMeasures) {
  const auto thinking = [](const std::string& value) {
    return chat(R"({"messages": [], "think": )" + value + "}")->request.thinking;
  };
  EXPECT_EQ(thinking("true"), (Thinking{Thinking::Mode::on}));
  EXPECT_EQ(thinking("false"), (Thinking{Thinking::Mode::off}));
  EXPECT_EQ(thinking("null"), Thinking());
  EXPECT_EQ(thinking("\"low\""), (Thinking{Thinking::Mode::on, "low"}));
  EXPECT_EQ(thinking("512"), (Thinking{Thinking::Mode::on, "", 512}));
  EXPECT_FALSE(chat(R"({"messages": [], "think": false})")->show_thinking);
}

TEST(OllamaChat, DeveloperIsSystem) {
  const auto fields = chat(R"({"messages": [{"role": "developer", "content": "Be brief."}]})");
  EXPECT_EQ(messages(*fields)[0], (Message{"system", "Be brief."}));
}

TEST(OllamaChat, ImagesAreRefusedByName) {
  const auto fields = chat(R"({"messages": [{"role": "user", "images": ["aGk="]}]})");
  EXPECT_THAT(fields.error().message, HasSubstr("messages[0].images is not supported"));
}

TEST(OllamaEmbed, TakesOneTextOrMany) {
  EXPECT_EQ(read_embed(Json::parse(R"({"input": "a"})"))->texts.size(), 1U);
  EXPECT_EQ(read_embed(Json::parse(R"({"input": ["a", "b"], "truncate": false})"))->texts.size(),
            2U);
  EXPECT_EQ(read_embeddings(Json::parse(R"({"prompt": "a"})"))->texts[0], "a");
}

TEST(OllamaEmbed, NoOptionIsIgnored) {
  const auto sampled = read_embed(Json::parse(R"({"input": "a", "options": {"top_k": 1}})"));
  EXPECT_THAT(sampled.error().message, HasSubstr("options.top_k"));
}

TEST(OllamaNames, ModelOrName) {
  EXPECT_EQ(read_show(Json::parse(R"({"name": "m"})")).value(), "m");
  EXPECT_EQ(read_pull(Json::parse(R"({"model": "m", "stream": false})"))->model, "m");
  EXPECT_THAT(read_delete(Json::parse("{}")).error().message, HasSubstr("model is missing"));
  EXPECT_FALSE(read_pull(Json::parse(R"({"model": "m", "insecure": true})")).ok());
}

TEST(OllamaDuration, HasUnits) {
  EXPECT_EQ(parse_duration("5m"), milliseconds(300'000));
  EXPECT_EQ(parse_duration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(parse_duration("1.5s"), milliseconds(1'500));
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("0"), milliseconds(0));
  EXPECT_EQ(parse_duration("-1"), milliseconds(-1));
  EXPECT_EQ(parse_duration("-5m"), milliseconds(-1));
  for (const char* wrong : {"", "-", "m", "5x", "5m ", "1e9", "inf", "99999999h"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace tenfold::server::ollama
