#include <gmock/gmock.h>

#include "server/apis/openai/embedding_format.h"
#include "server/apis/openai/embedding_request.h"

namespace tenfold::server::openai {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<EmbeddingFields> read(const std::string& body) { return read_embedding(Json::parse(body)); }

TEST(EmbeddingRequest, TakesOneTextOrSeveral) {
  EXPECT_THAT(read(R"({"model": "m", "input": "a", "user": "u"})")->texts, ElementsAre("a"));
  EXPECT_THAT(read(R"({"input": ["a", "b"], "encoding_format": "base64"})")->texts,
              ElementsAre("a", "b"));
}

struct Refused {
  const char* body;
  const char* message;
};

class EmbeddingRefusal : public testing::TestWithParam<Refused> {};

TEST_P(EmbeddingRefusal, NamesTheField) {
  const auto fields = read(GetParam().body);
  ASSERT_FALSE(fields.ok());
  EXPECT_THAT(fields.error().message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, EmbeddingRefusal,
    testing::Values(Refused{R"({})", "input is missing"},
                    Refused{R"({"input": []})", "input has 0 texts"},
                    Refused{R"({"input": ""})", "input[0] is an empty text"},
                    Refused{R"({"input": [1, 2]})", "input has token ids"},
                    Refused{R"({"input": [[1, 2]]})", "input has token ids"},
                    Refused{R"({"input": {"a": 1}})", "input must be an array"},
                    Refused{R"({"input": "a", "encoding_format": "int8"})", "encoding_format"},
                    Refused{R"({"input": "a", "truncate": true})",
                            "truncate is not a known field"}));

Json reply(const std::string& body) {
  const Embedded embedded{{{0.5F, -1.0F}, {0.25F, 2.0F}}, 7};
  return Json::parse(embedding_reply(*read(body), embedded)->body);
}

TEST(EmbeddingFormat, GivesNumbers) {
  const Json json = reply(R"({"input": ["a", "b"], "dimensions": 2})");
  EXPECT_EQ(json["data"][1], Json::parse(R"({"object": "embedding", "index": 1,
                                             "embedding": [0.25, 2.0]})"));
  EXPECT_EQ(json["usage"]["prompt_tokens"], 7);
}

TEST(EmbeddingFormat, GivesTheBytesOfFloats) {
  const Json json = reply(R"({"input": ["a", "b"], "encoding_format": "base64"})");
  EXPECT_EQ(json["data"][0]["embedding"], "AAAAPwAAgL8=");
}

TEST(EmbeddingFormat, RefusesOtherDimensions) {
  const auto reply =
      embedding_reply(*read(R"({"input": "a", "dimensions": 256})"), Embedded{{{0.5F, -1.0F}}, 1});
  ASSERT_FALSE(reply.ok());
  EXPECT_THAT(reply.error().message,
              HasSubstr("dimensions is 256, but this model's vectors have 2"));
}

}  // namespace
}  // namespace tenfold::server::openai
