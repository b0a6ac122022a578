#include "server/apis/fields.h"

#include <fmt/format.h>

#include "engine/fields.h"

namespace tenfold::server {

void take_fields(BodyReader& reader, std::span<const ForeignField> fields, Request& out) {
  for (const ForeignField& field : fields) {
    std::visit([&](const auto& member) { reader.optional(field.theirs, member_of(out, member)); },
               find_request_field(field.ours)->member);
  }
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
    text += TRY(read_part(json[i], fmt::format("{}[{}]", where, i)));
  }
  return text;
}

std::string OrderedBody::text(const std::string& pointer) const {
  if (!json_) json_ = nlohmann::ordered_json::parse(text_, nullptr, false);
  const nlohmann::ordered_json::json_pointer where(pointer);
  return json_->contains(where) ? json_->at(where).dump() : std::string();
}

}  // namespace tenfold::server
