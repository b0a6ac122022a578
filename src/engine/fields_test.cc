#include "engine/fields.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/table.h"

namespace tenfold {
namespace {

/// A value that a request does not have by itself, for each type of member.
void set(std::optional<double>& out) { out = 0.5; }
void set(std::optional<int>& out) { out = 1; }
void set(std::optional<std::uint64_t>& out) { out = 1; }
void set(std::optional<std::chrono::milliseconds>& out) { out = std::chrono::milliseconds(1); }
void set(bool& out) { out = !out; }
void set(std::map<TokenId, double>& out) { out[1] = -HUGE_VAL; }
void set(std::vector<std::string>& out) { out = {"x"}; }
void set(std::vector<TokenId>& out) { out = {1}; }
void set(Constraint& out) { out = {Constraint::Kind::regex, "x"}; }
void set(Thinking& out) { out = {Thinking::Mode::on, "low", 9}; }
void set(ToolChoice& out) { out = {ToolChoice::Kind::named, "x"}; }

void set(const RequestField& field, Request& request) {
  std::visit([&](const auto& member) { set(member_of(request, member)); }, field.member);
}

Capabilities all_but(std::string_view missing) {
  Capabilities capabilities = static_capabilities("llama_cpp");
  capabilities.engine = "fake";
  std::erase(capabilities.request_options, missing);
  return capabilities;
}

TEST(RequestFields, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const RequestField& field : request_fields()) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    EXPECT_EQ(find_request_field(field.name), &field);
  }
  EXPECT_EQ(find_request_field("frob"), nullptr);
}

TEST(RequestFields, EachIsWrittenAndReadOnlyWhenItIsGiven) {
  for (const RequestField& field : request_fields()) {
    Request request;
    request.prompt = "Hi";
    EXPECT_FALSE(is_given(field, request)) << field.name;
    EXPECT_EQ(to_json(request), Json({{"prompt", "Hi"}})) << field.name;
    set(field, request);
    EXPECT_TRUE(is_given(field, request)) << field.name;
    const Json json = to_json(request);
    EXPECT_EQ(json.size(), 2U) << json;
    EXPECT_TRUE(json.contains(std::string(field.name))) << json;
    const auto read = request_from_json(json);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(to_json(*read), json);
  }
}

TEST(RequestFields, AnEngineRefusesWhatIsGivenAndItDoesNotHaveByName) {
  for (const RequestField& field : request_fields()) {
    if (field.name == "answered") continue;  // Capabilities::resumes says it
    Request request;
    request.prompt = "Hi";
    if (field.name == "tool_choice") request.prompt = ChatPrompt({{"user", "Hi"}}, {{"x"}});
    set(field, request);
    const std::string name(capability_of(field, request));
    EXPECT_TRUE(check_request(request, all_but("")).ok()) << name;
    const auto checked = check_request(request, all_but(name));
    ASSERT_FALSE(checked.ok()) << name;
    EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
    EXPECT_EQ(checked.error().message, "fake does not have " + name);
  }
}

// The engine has no top_k, and 40 is what others do without being asked.
TEST(RequestFields, AValueThatOthersHaveByDefaultIsNotTakenSilently) {
  const Capabilities picollm = static_capabilities("picollm");
  Request request;
  request.prompt = "Hi";
  EXPECT_TRUE(check_request(request, picollm).ok());
  request.sampling = greedy_sampling(picollm.request_options);
  EXPECT_TRUE(check_request(request, picollm).ok());
  request.sampling.top_k = 40;
  EXPECT_EQ(check_request(request, picollm).error().message, "picollm does not have top_k");
}

TEST(RequestFields, RangesSayWhatIsAllowed) {
  EXPECT_TRUE(NumberRange{}.holds(-1e300));
  EXPECT_FALSE(NumberRange{}.holds(HUGE_VAL));
  EXPECT_EQ(NumberRange{}.allowed(), "any finite number");
  const NumberRange range{.minimum = 0, .maximum = 1, .above = true};
  EXPECT_TRUE(range.holds(1));
  EXPECT_FALSE(range.holds(0));
  EXPECT_EQ(range.allowed(), "more than 0 and at most 1");
}

}  // namespace
}  // namespace tenfold
