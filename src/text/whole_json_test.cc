#include "text/whole_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace tenfold {
namespace {

using Json = nlohmann::ordered_json;

TEST(WholeJson, ClosesWhatIsOpen) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {" ", ""},
      {"{", "{}"},
      {R"({"na)", "{}"},
      {R"({"name")", "{}"},
      {R"({"name": )", "{}"},
      {R"({"name": ")", R"({"name": ""})"},
      {R"({"name": "Par)", R"({"name": "Par"})"},
      {R"({"name": "Paris",)", R"({"name": "Paris"})"},
      {R"({"name": "Paris", "size)", R"({"name": "Paris"})"},
      {R"({"list": [)", R"({"list": []})"},
      {R"({"list": ["a", {"b": "c)", R"({"list": ["a", {"b": "c"}]})"},
      {R"([[1], [)", "[[1], []]"},
      {R"("Par)", R"("Par")"},
      {R"({"a": {}} )", R"({"a": {}})"},
      {"null", "null"},
  };
  for (const auto& [begun, whole] : cases) EXPECT_EQ(whole_json(begun), whole) << begun;
}

TEST(WholeJson, LeavesOutWhatCouldBecomeAnother) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"n": 12)", "{}"},  // 123
      {R"({"n": -)", "{}"},
      {R"({"n": 12 )", R"({"n": 12})"},
      {R"({"n": 1.5e3})", R"({"n": 1.5e3})"},
      {R"([1, 2)", "[1]"},
      {R"({"b": tru)", "{}"},
      {R"({"b": true)", R"({"b": true})"},
      {R"(["a\)", R"(["a"])"},  // \n
      {R"(["a\n)", R"(["a\n"])"},
      {R"(["\u00e)", R"([""])"},
      {R"(["\u00e9)", R"(["\u00e9"])"},
      {R"(["\ud83d)", R"([""])"},  // half of a pair
      {R"(["\uD83D\ude0)", R"([""])"},
      {R"(["\ud83d\ude00)", R"(["\ud83d\ude00"])"},
      {"[\"\xc3", R"([""])"},  // half of é
      {"[\"\xc3\xa9", "[\"\xc3\xa9\"]"},
      {"12", ""},
  };
  for (const auto& [begun, whole] : cases) EXPECT_EQ(whole_json(begun), whole) << begun;
}

TEST(WholeJson, NothingComesOfWhatIsNoJson) {
  for (const char* text : {"Paris", "{]", "[}", "}", "{1", R"({"a" 1)", R"({"a",)", "[1 2", "[,",
                           "[1,,", "{}{", "[01, 2", "[+1, 2", R"(["\x)", R"(["\x", 1)",
                           "[\"\xff\xff\xff\xff", "[\"a\nb", R"({"a": nul!)", "[1.]"}) {
    EXPECT_EQ(whole_json(text), "") << text;
  }
  EXPECT_NE(whole_json(std::string(64, '[')), "");
  EXPECT_EQ(whole_json(std::string(65, '[')), "");
}

/// Whether `later` goes on from `earlier`, as whole_json() promises.
bool goes_on(const Json& earlier, const Json& later) {
  if (earlier.is_string() && later.is_string()) {
    return later.get<std::string>().starts_with(earlier.get<std::string>());
  }
  if (earlier.size() > later.size() || earlier.type() != later.type()) return false;
  if (!earlier.is_structured()) return earlier == later;
  auto into = later.begin();
  for (auto item = earlier.begin(); item != earlier.end(); ++item, ++into) {
    if (earlier.is_object() && item.key() != into.key()) return false;
    if (!goes_on(*item, *into)) return false;
  }
  return true;
}

TEST(WholeJson, EveryCutGoesOnFromTheOneBefore) {
  for (const std::string text :
       {R"({"name": "Paris é😀 \"\\ \u00e9\ud83d\ude00", "at": [48.85, -2.3e-1, []], "big": true,
            "mayor": null, "": {"a": {"b": ["c", {"d": false}]}}, "end": 12})",
        R"([ "x" , {"k":[1,2,3]} , "" ])", R"("a text alone")"}) {
    Json before;
    for (std::size_t size = 0; size <= text.size(); ++size) {
      const std::string whole = whole_json(std::string_view(text).substr(0, size));
      if (whole.empty()) {
        EXPECT_TRUE(before.is_null()) << text.substr(0, size);
        continue;
      }
      const Json value = Json::parse(whole, nullptr, false);
      ASSERT_FALSE(value.is_discarded()) << whole;
      EXPECT_TRUE(before.is_null() || goes_on(before, value)) << before << " then " << value;
      before = value;
    }
    EXPECT_EQ(before, Json::parse(text));
  }
}

TEST(WholeJson, GivesJsonOrNothingForAnyBytes) {
  const std::string text = "{\"a\": [1, true, \"\\ud83d\\ude00 \xc3\xa9\"], \"b\": {\"c\": null}}";
  const std::string bytes = "{}[]\",:\\u1e-tn \xc3\xff\n";
  std::mt19937 random(1);
  const auto at = [&](const std::string& of) { return random() % of.size(); };
  for (int round = 0; round < 3000; ++round) {
    std::string changed = text;
    for (int change = 0; change < 2; ++change) changed[at(changed)] = bytes[at(bytes)];
    const std::string whole = whole_json(std::string_view(changed).substr(0, at(changed)));
    EXPECT_TRUE(whole.empty() || Json::accept(whole)) << changed;
  }
}

}  // namespace
}  // namespace tenfold
