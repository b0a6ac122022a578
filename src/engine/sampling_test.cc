#include "engine/sampling.h"

#include <gtest/gtest.h>

#include "engine/json_fields.h"

namespace tenfold {
namespace {

TEST(Sampling, TheRequestComesBeforeTheModelAndThatBeforeTheDefaults) {
  Sampling asked;
  asked.temperature = 0.5;
  asked.logit_bias = {{3, 1.0}};
  Sampling model;
  model.temperature = 0.2;
  model.repeat_penalty = 1.1;
  const ResolvedSampling resolved = resolve_sampling(asked, model);
  EXPECT_EQ(resolved.temperature, 0.5);
  EXPECT_EQ(resolved.repeat_penalty, 1.1);
  EXPECT_EQ(resolved.top_k, ResolvedSampling().top_k);
  EXPECT_EQ(resolved.logit_bias, asked.logit_bias);
}

TEST(Sampling, EachValueSaysWhereItIsFrom) {
  Sampling request;
  request.top_k = 0;
  Sampling settings;
  settings.top_k = 7;
  settings.min_p = 0.5;
  Sampling model;
  model.min_p = 0.25;
  model.temperature = 0.2;
  const SamplingLayer layers[] = {{SamplingSource::request, request},
                                  {SamplingSource::settings, settings},
                                  {SamplingSource::model, model}};
  const std::vector<std::string> options{"temperature", "top_k", "top_p", "min_p", "stop"};
  const Json explained = explain_sampling(layers, options);
  EXPECT_EQ(explained["top_k"], Json({{"value", 0}, {"from", "request"}}));
  EXPECT_EQ(explained["min_p"], Json({{"value", 0.5}, {"from", "settings"}}));
  EXPECT_EQ(explained["temperature"], Json({{"value", 0.2}, {"from", "model"}}));
  EXPECT_EQ(explained["top_p"], Json({{"value", 0.95}, {"from", "default"}}));
  EXPECT_EQ(explained.size(), 4U) << "of what the engine has";
}

TEST(Sampling, AModelsPenaltiesAreNotForWhoAsksForTheMostLikelyTokens) {
  Sampling asked;
  asked.temperature = 0;
  asked.presence_penalty = 0.5;
  Sampling model;
  model.repeat_penalty = 1.1;
  model.presence_penalty = model.frequency_penalty = 1;
  model.top_k = 7;
  const ResolvedSampling resolved = resolve_sampling(asked, model);
  EXPECT_EQ(resolved.repeat_penalty, 1);
  EXPECT_EQ(resolved.frequency_penalty, 0);
  EXPECT_EQ(resolved.presence_penalty, 0.5) << "asked for";
  EXPECT_EQ(resolved.top_k, 7);
  const SamplingLayer layers[] = {{SamplingSource::settings, asked},
                                  {SamplingSource::model, model}};
  const Json explained =
      explain_sampling(layers, std::vector<std::string>{"repeat_penalty", "presence_penalty"});
  EXPECT_EQ(explained["repeat_penalty"], Json({{"value", 1.0}, {"from", "default"}}));
  EXPECT_EQ(explained["presence_penalty"], Json({{"value", 0.5}, {"from", "settings"}}));
  model.temperature = 0;
  EXPECT_EQ(resolve_sampling({}, model).repeat_penalty, 1.1) << "its own temperature";
}

TEST(Sampling, AWeakerOneFillsOnlyWhatIsMissing) {
  Sampling values;
  values.temperature = 1;
  Sampling weaker;
  weaker.temperature = 2;
  weaker.top_p = 0.5;
  weaker.seed = 7;
  fill_sampling(values, weaker);
  EXPECT_EQ(values.temperature, 1);
  EXPECT_EQ(values.top_p, 0.5);
  EXPECT_FALSE(values.seed) << "nobody recommends one";
}

TEST(Sampling, ThroughJson) {
  Sampling values;
  values.top_k = 3;
  values.presence_penalty = -0.5;
  EXPECT_EQ(to_json(values), Json({{"top_k", 3}, {"presence_penalty", -0.5}}));
  Sampling read;
  ASSERT_TRUE(read_value(to_json(values), "model", read).ok());
  EXPECT_EQ(read, values);
  EXPECT_EQ(read_value(Json{{"top_p", 2}}, "model", read).error().message,
            "model.top_p cannot be 2");
  EXPECT_FALSE(read_value(Json{{"seed", 2}}, "model", read).ok()) << "nobody recommends one";
}

TEST(Sampling, GreedyIsGreedyWhateverTheModelRecommends) {
  Sampling model;
  model.temperature = 1.5;
  model.repeat_penalty = 1.3;
  model.presence_penalty = 1;
  model.frequency_penalty = 1;
  const std::vector<std::string> options{"repeat_penalty", "presence_penalty", "frequency_penalty"};
  const ResolvedSampling greedy = resolve_sampling(greedy_sampling(options), model);
  EXPECT_EQ(greedy.temperature, 0);
  EXPECT_EQ(greedy.repeat_penalty, 1);
  EXPECT_EQ(greedy.presence_penalty, 0);
  EXPECT_EQ(greedy.frequency_penalty, 0);
  EXPECT_EQ(greedy_sampling({}).repeat_penalty, std::nullopt);
}

}  // namespace
}  // namespace tenfold
