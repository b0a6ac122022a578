#include "engine/options.h"

#include <gmock/gmock.h>

#include "engine/json.h"

namespace tenfold {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(EngineOptions, PathsAreKnownByTheKind) {
  const auto paths = [](OptionKind kind, const char* text) {
    return option_paths(kind, std::string(text));
  };
  EXPECT_THAT(paths(OptionKind::path, "a b.gguf;0.5,/c;d.gguf;1,e"),
              ElementsAre("a b.gguf", "/c;d.gguf", "e"));
  EXPECT_THAT(paths(OptionKind::path, ""), IsEmpty());
  EXPECT_THAT(paths(OptionKind::path, ",;1,"), IsEmpty());
  EXPECT_THAT(paths(OptionKind::folder, "/a,b;c"), ElementsAre("/a,b;c"));
  EXPECT_THAT(paths(OptionKind::folder, ""), IsEmpty());
  EXPECT_THAT(paths(OptionKind::value, "/a"), IsEmpty());
  EXPECT_THAT(paths(OptionKind::secret, "/a"), IsEmpty());
  EXPECT_THAT(paths(OptionKind::hosts, "a:1"), IsEmpty());
}

TEST(EngineOptions, SecretsAreKnownByTheKindAndTakenOutOfTexts) {
  std::vector<OptionSpec> specs{{"o", std::string("d"), "", {}},
                                {"open", std::string("d"), "", {}}};
  specs[0].kind = OptionKind::secret;
  const auto secrets = secret_values({{"o", std::string("k1")}, {"open", std::string("x")}}, specs);
  EXPECT_THAT(secrets, ElementsAre("k1"));
  EXPECT_THAT(secret_values({{"o", std::string()}}, specs), IsEmpty());
  EXPECT_EQ(without_secrets("k1, then k1k1 and x", secrets),
            "(hidden), then (hidden)(hidden) and x");
  specs[0].default_value = std::string("built-in");
  EXPECT_EQ(to_json(specs[0])["default"], "");
}

TEST(EngineOptions, ValuesAreThoseGivenOrTheDefaults) {
  const std::vector<OptionSpec> specs{{"flag", true, "", {}},
                                      {"count", std::int64_t{3}, "", {}},
                                      {"scale", 0.5, "", {}},
                                      {"text", std::string("d"), "", {}}};
  LoadOptions load;
  load.engine_options = {{"flag", false}, {"text", std::string()}};
  const OptionValues values(load, specs);
  EXPECT_FALSE(values.flag("flag"));
  EXPECT_EQ(values.text("text"), "");
  EXPECT_EQ(values.integer("count"), 3);
  EXPECT_EQ(values.real("scale"), 0.5F);
  EXPECT_TRUE(values.given("flag"));
  EXPECT_FALSE(values.given("count"));
}

}  // namespace
}  // namespace tenfold
