// Bundles of more than one model answer as what they were made from; broken ones are refused.
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "formats/describe.h"
#include "formats/litertlm.h"
#include "formats/zip_builder.h"
#include "generation/core_engine.h"
#include "litert_engine.h"
#include "testing/litertlm_builder.h"
#include "testing/model_fixture.h"

namespace tenfold::litert {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string content_of(const std::string& path) { return *read_file(path, 64 << 20); }

std::string bundle_of(const std::string& form) {
  return "tests/models/litert-forms/" + form + "/model.litertlm";
}

class Forms : public ModelFixture, public testing::WithParamInterface<std::string> {
 protected:
  Forms() {
    std::ifstream file("tests/models/litert-forms/" + GetParam() + "/reference.json");
    reference_ = json::parse(file);
  }
  json reference_;
};

TEST_P(Forms, AnswersAsTheReference) {
  const auto engine = make_litert_engine();
  LoadOptions options;
  options.threads = 1;
  const auto info = engine->initialize(resolve_file(bundle_of(GetParam())).value(), options, {});
  ASSERT_TRUE(info.ok()) << info.error().message;
  for (const json& known : reference_) {
    Request request;
    request.prompt = std::vector<Message>{{"user", known["question"]}};
    request.sampling.temperature = 0;
    EXPECT_EQ(engine->prepare(request.prompt)->tokens,
              known["prompt_ids"].get<std::vector<TokenId>>());
    const auto answer = engine->generate(request);
    ASSERT_TRUE(answer.ok()) << answer.error().message;
    EXPECT_EQ(answer->text, known["answer"]);
    EXPECT_EQ(answer->tokens, known["ids"].get<std::vector<TokenId>>());
    EXPECT_EQ(to_string(answer->finish), "stop");
  }
  EXPECT_EQ(reference_.size(), 3U);
}

TEST_P(Forms, CutsChangeNothing) {
  const auto model = open(bundle_of(GetParam()));
  ASSERT_NE(model, nullptr);
  std::vector<TokenId> tokens;
  for (const json& known : reference_) {
    for (const json& id : known["prompt_ids"]) tokens.push_back(id);
  }
  tokens.resize(60);
  const std::span<const TokenId> all = tokens;
  const auto whole = logits(*model, all);
  for (const std::size_t length : {1U, 5U, 9U, 33U}) {
    EXPECT_EQ(*model->rewind(0, 0), 0);
    for (std::size_t at = 0; at < all.size(); at += length) {
      const auto rows = logits(*model, all.subspan(at, std::min(length, all.size() - at)));
      if (at + length >= all.size()) {
        EXPECT_THAT(rows, testing::Pointwise(testing::FloatNear(2e-3F), whole)) << length;
      }
    }
  }
}

TEST_P(Forms, AnswersFromArrangedWeights) {
  const std::vector<TokenId> tokens = reference_[0]["prompt_ids"];
  LoadOptions options;
  options.engine_options["weight_cache"] = (folder_ / "cache").string();
  const auto first = logits(*open(bundle_of(GetParam()), options), tokens);
  EXPECT_EQ(logits(*open(bundle_of(GetParam()), options), tokens), first);
  options.engine_options["weight_cache"] = std::string();
  EXPECT_EQ(logits(*open(bundle_of(GetParam()), options), tokens), first);
}

TEST_P(Forms, AreDescribed) {
  const auto model = describe_model(bundle_of(GetParam()));
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_FALSE(model->refusal) << model->refusal->message;
  EXPECT_EQ(model->sizes.context, 128);
}

INSTANTIATE_TEST_SUITE_P(, Forms, testing::Values("weights", "per-layer"), [](const auto& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

/// The parts of the committed bundle in other arrangements.
class Bundle : public ModelFixture {
 protected:
  std::string refusal(const std::vector<LitertlmSection>& sections,
                      ErrorCode code = ErrorCode::unsupported) {
    const std::string path = folder_ / "m.litertlm";
    EXPECT_TRUE(write_file_atomically(path, make_litertlm(sections)).ok());
    const auto described = describe_model(path);
    const auto model = try_open(path);
    EXPECT_FALSE(model.ok());
    if (model.ok()) return {};
    EXPECT_EQ(to_string(model.error().code), to_string(code));
    const auto& known = described.ok() ? described->refusal : described.error();
    EXPECT_TRUE(known) << "it's not said before the load";
    if (known) {
      EXPECT_EQ(known->message, model.error().message);
    }
    return model.error().message;
  }
  [[nodiscard]] std::string part(const BundledModel& model) const {
    return bytes_.substr(model.offset, model.size);
  }

  const std::string bytes_ = content_of(bundle_of("per-layer"));
  const std::string apart_ = content_of(bundle_of("weights"));
  const BundledModels models_ =
      read_litertlm_header(*make_memory_source(bytes_), "m.litertlm")->models;
  const LitertlmSection main_{3, part(models_.main), "tf_lite_prefill_decode"};
  const LitertlmSection embedder_{3, part(*models_.embedder), "tf_lite_embedder"};
  const LitertlmSection per_layer_{3, part(*models_.per_layer_embedder),
                                   "tf_lite_per_layer_embedder"};
  const LitertlmSection pieces_{4, content_of("src/text/testdata/reference/llama.model")};
};

TEST_F(Bundle, RunsAsATaskToo) {
  const std::string path = folder_ / "m.task";
  const auto whole = read_litertlm(*make_memory_source(bytes_), "m.litertlm");
  ASSERT_TRUE(
      write_file_atomically(path, build_zip({{"TF_LITE_PREFILL_DECODE", main_.bytes},
                                             {"TF_LITE_EMBEDDER", embedder_.bytes},
                                             {"TF_LITE_PER_LAYER_EMBEDDER", per_layer_.bytes},
                                             {"TOKENIZER_MODEL", whole->tokenizer},
                                             {"METADATA", ""}}))
          .ok());
  const std::vector<TokenId> tokens{2, 300, 301, 302, 303};
  const auto task = open(path);
  ASSERT_NE(task, nullptr);
  EXPECT_EQ(logits(*task, tokens), logits(*open(bundle_of("per-layer")), tokens));
}

TEST_F(Bundle, NeedsItsEmbedders) {
  EXPECT_THAT(refusal({main_, per_layer_, pieces_}),
              HasSubstr("(tf_lite_embedder), but there is none"));
  EXPECT_THAT(refusal({main_, embedder_, pieces_}),
              HasSubstr("(tf_lite_per_layer_embedder), but there is none"));
  EXPECT_THAT(refusal({main_, {3, embedder_.bytes, "tf_lite_mtp_drafter"}, per_layer_, pieces_}),
              HasSubstr("(tf_lite_embedder), but there is none"));
}

TEST_F(Bundle, NeedsEmbeddersOfItsShapes) {
  EXPECT_THAT(refusal({main_, {3, per_layer_.bytes, "tf_lite_embedder"}, per_layer_, pieces_}),
              HasSubstr("makes 1 × 1 × 2 × 32 numbers, but its model takes 1 × 1 × 64"));
  EXPECT_THAT(refusal({main_, {3, main_.bytes, "tf_lite_embedder"}, per_layer_, pieces_}),
              HasSubstr("its tf_lite_embedder has no signature with token ids in"));
}

TEST_F(Bundle, NeedsWholeEmbedders) {
  const std::string half = embedder_.bytes.substr(0, embedder_.bytes.size() / 2);
  EXPECT_THAT(
      refusal({main_, {3, half, "tf_lite_embedder"}, per_layer_, pieces_}, ErrorCode::bad_model),
      HasSubstr("is damaged or incomplete"));
}

TEST_F(Bundle, NeedsTheWeightsThatLieApart) {
  const BundledModels models =
      read_litertlm_header(*make_memory_source(apart_), "m.litertlm")->models;
  const auto cut = [&](std::uint64_t offset, std::uint64_t size) {
    return apart_.substr(offset, size);
  };
  const LitertlmSection graph{3, cut(models.main.offset, models.main.size),
                              "tf_lite_prefill_decode"};
  EXPECT_THAT(refusal({graph, embedder_, pieces_}),
              HasSubstr("m.litertlm has its weights in another file"));
  const LitertlmSection short_weights{
      7, cut(models.main.weights_offset, models.main.weights_size - 1), "tf_lite_prefill_decode"};
  EXPECT_THAT(refusal({graph, short_weights, embedder_, pieces_}, ErrorCode::bad_model),
              HasSubstr("weights end behind the section that has them"));
}

}  // namespace
}  // namespace tenfold::litert
