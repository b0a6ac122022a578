#include "server/apis/fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/fields.h"

namespace tenfold::server {

BodyReader::BodyReader(const Json& object, std::string where)
    : object_(object), where_(std::move(where)) {
  if (!object_.is_object()) {
    keep(fail(ErrorCode::invalid_argument,
              (where_.empty() ? "the body" : where_) + " must be an object"));
  }
}

BodyReader& BodyReader::count(const std::string& field, std::optional<int>& out) {
  optional(field, out);
  if (out.value_or(0) < 0) {
    keep(fail(ErrorCode::invalid_argument, fmt::format("{} must not be negative", name(field))));
  }
  return *this;
}

const Json* BodyReader::take(const std::string& field) {
  known_.insert(field);
  if (!fault_.ok()) return nullptr;
  const auto found = object_.find(field);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

BodyReader& BodyReader::only(const std::string& field, std::initializer_list<Json> harmless) {
  const Json* value = take(field);
  if (value == nullptr || std::ranges::find(harmless, *value) != harmless.end()) return *this;
  std::string values;
  for (const Json& allowed : harmless) values += (values.empty() ? "" : " or ") + allowed.dump();
  keep(fail(ErrorCode::unsupported, name(field) + " is not supported by this server",
            values.empty() ? "leave it out" : "leave it out, or send " + values));
  return *this;
}

std::string BodyReader::name(std::string_view field) const {
  return where_.empty() ? std::string(field) : where_ + "." + std::string(field);
}

void BodyReader::keep(Result<void> result) {
  if (fault_.ok()) fault_ = std::move(result);
}

Result<void> BodyReader::finish() {
  if (!fault_.ok()) return fault_;
  for (const auto& [field, value] : object_.items()) {
    if (known_.contains(field)) continue;
    return fail(ErrorCode::invalid_argument, name(field) + " is not a field this server knows",
                "GET /openapi.json lists what there is");
  }
  return {};
}

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
