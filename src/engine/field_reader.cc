#include "engine/field_reader.h"

#include <algorithm>

namespace tenfold {

FieldReader::FieldReader(const Json& object, std::string where, const FieldRules& rules)
    : object_(object), where_(std::move(where)), rules_(rules) {
  if (object_.is_object()) return;
  keep(fail(ErrorCode::invalid_argument,
            (where_.empty() ? "the body" : where_) + " must be an object"));
}

FieldReader& FieldReader::count(std::string_view field, std::optional<int>& out) {
  optional(field, out);
  if (out.value_or(0) < 0) {
    keep(fail(ErrorCode::invalid_argument, name(field) + " must not be negative"));
  }
  return *this;
}

FieldReader& FieldReader::only(std::string_view field, std::initializer_list<Json> harmless) {
  const Json* value = take(field);
  if (value == nullptr || std::ranges::find(harmless, *value) != harmless.end()) return *this;
  std::string values;
  for (const Json& allowed : harmless) values += (values.empty() ? "" : " or ") + allowed.dump();
  keep(fail(ErrorCode::unsupported, name(field) + " is not supported by this server",
            values.empty() ? "leave it out" : "leave it out, or send " + values));
  return *this;
}

const Json* FieldReader::take(std::string_view field) {
  known_.emplace(field);
  if (!ok()) return nullptr;
  const auto found = object_.find(field);
  const bool absent = found == object_.end() || (rules_.null_is_absent && found->is_null());
  return absent ? nullptr : &*found;
}

const Json* FieldReader::demand(std::string_view field) {
  const Json* value = take(field);
  if (value == nullptr) keep(fail(ErrorCode::invalid_argument, name(field) + " is missing"));
  return value;
}

std::string FieldReader::name(std::string_view field) const {
  return where_.empty() ? std::string(field)
                        : where_ + std::string(rules_.separator) + std::string(field);
}

void FieldReader::keep(Result<void> result) {
  if (ok()) fault_ = std::move(result);
}

Result<void> FieldReader::finish() {
  if (!ok()) return fault_;
  for (const auto& [field, value] : object_.items()) {
    if (known_.contains(field) || (rules_.null_is_absent && value.is_null())) continue;
    return fail(ErrorCode::invalid_argument, name(field) + " is not a known field",
                std::string(rules_.unknown_hint));
  }
  return {};
}

}  // namespace tenfold
