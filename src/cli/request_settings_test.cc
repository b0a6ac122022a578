#include "cli/request_settings.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace tenfold {
namespace {

Settings settings(const GivenOptions& given) {
  return Settings::resolve(in_run, given,
                           {[](const std::string&) { return std::nullopt; }, "/none"})
      .value();
}

TEST(RequestSettings, EveryFieldArrives) {
  const Request request = request_from(settings({{"temperature", {"0"}},
                                                 {"top-k", {"1"}},
                                                 {"top-p", {"0.5"}},
                                                 {"min-p", {"0.1"}},
                                                 {"repeat-penalty", {"1.1"}},
                                                 {"presence-penalty", {"0.2"}},
                                                 {"frequency-penalty", {"0.3"}},
                                                 {"penalty-window", {"-1"}},
                                                 {"seed", {"9"}},
                                                 {"max-tokens", {"4"}},
                                                 {"stop", {"a", "b"}},
                                                 {"logprobs", {"2"}},
                                                 {"regex", {"x+"}},
                                                 {"logit-bias", {"5=-inf", "6=1.5"}},
                                                 {"deadline", {"1.5"}}}))
                              .value();
  EXPECT_EQ(request.sampling.temperature, 0);
  EXPECT_EQ(request.sampling.top_k, 1);
  EXPECT_EQ(request.sampling.top_p, 0.5);
  EXPECT_EQ(request.sampling.min_p, 0.1);
  EXPECT_EQ(request.sampling.repeat_penalty, 1.1);
  EXPECT_EQ(request.sampling.presence_penalty, 0.2);
  EXPECT_EQ(request.sampling.frequency_penalty, 0.3);
  EXPECT_EQ(request.sampling.penalty_window, -1);
  EXPECT_EQ(request.sampling.seed, 9U);
  EXPECT_EQ(request.sampling.logit_bias.at(5), -HUGE_VAL);
  EXPECT_EQ(request.sampling.logit_bias.at(6), 1.5);
  EXPECT_EQ(request.max_tokens, 4);
  EXPECT_THAT(request.stop, ::testing::ElementsAre("a", "b"));
  EXPECT_EQ(request.logprobs, 2);
  EXPECT_EQ(request.constraint.kind, Constraint::Kind::regex);
  EXPECT_EQ(request.constraint.text, "x+");
  EXPECT_EQ(request.deadline, std::chrono::milliseconds(1500));
}

TEST(RequestSettings, LayersKnowTheCommandLineFromTheRest) {
  Sampling asked;
  asked.temperature = 0;
  asked.top_k = 7;
  Sampling preset;
  preset.temperature = 0.3;
  preset.min_p = 0.2;
  Sampling model;
  model.top_p = 0.5;
  model.min_p = 0.1;
  const auto layers = sampling_layers(asked, {{"top-k", {"7"}}, {"model", {"m"}}}, preset, model);
  const std::vector<std::string> options{"temperature", "top_k", "top_p", "min_p"};
  const Json explained = explain_sampling(layers, options);
  EXPECT_EQ(explained["top_k"]["from"], "request");
  EXPECT_EQ(explained["temperature"]["from"], "settings");
  EXPECT_EQ(explained["min_p"], nlohmann::json({{"value", 0.2}, {"from", "preset"}}));
  EXPECT_EQ(explained["top_p"]["from"], "model");
}

TEST(RequestSettings, Faults) {
  EXPECT_FALSE(request_from(settings({{"logit-bias", {"x=1"}}})).ok());
  EXPECT_FALSE(request_from(settings({{"logit-bias", {"1=inf"}}})).ok());
  EXPECT_FALSE(request_from(settings({{"regex", {"a"}}, {"grammar", {"b"}}})).ok());
}

TEST(RequestSettings, LoadOptions) {
  Capabilities can;
  can.engine = "e";
  can.options = {{"batch", OptionValue(std::int64_t{1}), "", {}, 1, 8}};
  const LoadOptions options = load_options_from(settings({{"ctx", {"100"}},
                                                          {"threads", {"2"}},
                                                          {"memory-limit", {"1M"}},
                                                          {"engine-option", {"batch=4"}}}),
                                                can)
                                  .value();
  EXPECT_EQ(options.context_size, 100);
  EXPECT_EQ(options.threads, 2);
  EXPECT_EQ(options.memory_limit, 1U << 20);
  EXPECT_EQ(options.engine_options.at("batch"), OptionValue(std::int64_t{4}));
  EXPECT_EQ(load_options_from(settings({{"engine-option", {"x=1"}}}), can).error().message,
            "the engine e has no option \"x\"");
  EXPECT_FALSE(load_options_from(settings({{"engine-option", {"batch"}}}), can).ok());
}

TEST(RequestSettings, LayersOnOtherMachines) {
  const auto given = [](const std::string& hosts, const std::string& layers) {
    return settings({{"rpc", {hosts}}, {"rpc-layers", {layers}}});
  };
  const std::map<std::string, OptionValue> expected{{"rpc", std::string("a:1,b:2")},
                                                    {"rpc_layers", std::int64_t{3}}};
  EXPECT_EQ(rpc_options_from(given("a:1,b:2", "3")).value(), expected);
  EXPECT_TRUE(rpc_options_from(settings({}))->empty());
  EXPECT_EQ(rpc_options_from(given("a:1,b", "3")).error().message, "--rpc: \"b\" is not HOST:PORT");
  EXPECT_EQ(rpc_options_from(settings({{"rpc-layers", {"3"}}})).error().message,
            "--rpc-layers needs --rpc");

  Capabilities can;
  can.engine = "e";
  EXPECT_EQ(load_options_from(given("a:1", "3"), can).error().message,
            "the engine e has no option \"rpc\"");
  can.options = {{"rpc", OptionValue(std::string()), "", {}},
                 {"rpc_layers", OptionValue(std::int64_t{-1}), "", {}}};
  EXPECT_EQ(load_options_from(given("a:1,b:2", "3"), can)->engine_options, expected);
}

}  // namespace
}  // namespace tenfold
