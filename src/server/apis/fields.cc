#include "server/apis/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/fields.h"

namespace tenfold::server {
namespace {

/// No context is longer, so more is no other bound.
constexpr int most_thought = 1 << 24;

}  // namespace

void take_fields(BodyReader& reader, std::span<const ForeignField> fields, Request& out) {
  for (const ForeignField& field : fields) {
    std::visit([&](const auto& member) { reader.optional(field.theirs, member_of(out, member)); },
               find_request_field(field.ours)->member);
  }
}

void take_seed(BodyReader& reader, std::optional<std::uint64_t>& out) {
  const Json* seed = reader.take("seed");
  if (seed != nullptr && *seed != -1) reader.keep(read_value(*seed, reader.name("seed"), out));
}

void take_most_tokens(BodyReader& reader, std::string_view field,
                      std::initializer_list<int> unbounded, std::optional<int>& out) {
  std::optional<int> most;
  reader.optional(field, most);
  if (most && std::ranges::find(unbounded, *most) == unbounded.end()) out = most;
}

void take_thinking(BodyReader& reader, std::string_view field, Thinking& out) {
  Thinking said;
  reader.optional(field, said);
  if (said.mode == Thinking::Mode::automatic || out.mode == Thinking::Mode::off) return;
  if (!said.budget) said.budget = out.budget;
  out = std::move(said);
}

void take_thinking_budget(BodyReader& reader, std::string_view field, Thinking& out) {
  std::optional<int> budget;
  reader.count(field, budget);
  if (!budget || out.mode == Thinking::Mode::off) return;
  out.mode = *budget == 0 ? Thinking::Mode::off : Thinking::Mode::on;
  if (*budget > 0) out.budget = std::min(*budget, most_thought);
}

std::string call_arguments(std::string text) {
  const std::size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string::npos) return "{}";
  const std::size_t end = text.find_last_not_of(white_space) + 1;
  return text.compare(begin, end - begin, "null") == 0 ? "{}" : std::move(text);
}

void add_line(std::string& content, const std::string& part) {
  if (!content.empty()) content += '\n';
  content += part;
}

Result<std::string> join_parts(
    const Json& json, const std::string& where,
    const std::function<Result<std::string>(const Json&, const std::string&)>& read_part) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_array()) {
    return fail(ErrorCode::invalid_argument, where + " must be a string or an array of parts");
  }
  std::string text;
  for (std::size_t i = 0; i < json.size(); ++i) {
    add_line(text, TRY(read_part(json[i], fmt::format("{}[{}]", where, i))));
  }
  return text;
}

std::string OrderedBody::text(const std::string& pointer) const {
  if (!json_) json_ = nlohmann::ordered_json::parse(text_, nullptr, false);
  const nlohmann::ordered_json::json_pointer where(pointer);
  return json_->contains(where) ? json_->at(where).dump() : std::string();
}

}  // namespace tenfold::server
