// The one reader of the fields of a JSON object: what is known is taken, what is not is refused by
// name.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/json_fields.h"

namespace tenfold {

/// In what objects from different hands differ.
struct FieldRules {
  bool null_is_absent = false;  ///< a null is as if the field were not there, whatever its name
  std::string_view separator = ".";  ///< between the object's name and a field's
  std::string_view unknown_hint = "check its spelling";  ///< of a field that nobody takes
};

/// Fields are taken one by one; finish() refuses those that nobody took. Keeps the first fault, an
/// invalid_argument that names the field unless it says otherwise; calls after it do nothing.
class FieldReader {
 public:
  /// `where` names the object in errors; empty for the body of a request. `object` must outlive
  /// the reader.
  FieldReader(const Json& object, std::string where, const FieldRules& rules = {});

  template <typename T>
  FieldReader& optional(std::string_view field, T& out) {
    const Json* value = take(field);
    if (value != nullptr) keep(read_value(*value, name(field), out));
    return *this;
  }

  template <typename T>
  FieldReader& required(std::string_view field, T& out) {
    const Json* value = demand(field);
    if (value != nullptr) keep(read_value(*value, name(field), out));
    return *this;
  }

  /// A number of things; a negative one is refused.
  FieldReader& count(std::string_view field, std::optional<int>& out);

  /// A field that changes nothing when it has one of these values, and that we have no other for.
  FieldReader& only(std::string_view field, std::initializer_list<Json> harmless);

  /// The value itself; nullptr if there is none.
  const Json* take(std::string_view field);
  /// The same; that it is missing is a fault.
  const Json* demand(std::string_view field);

  /// "messages[0].content"
  [[nodiscard]] std::string name(std::string_view field) const;

  void keep(Result<void> result);

  /// Puts the value into `out`, or keeps the fault.
  template <typename T>
  void keep(Result<T> result, T& out) {
    if (!result.ok()) return keep(std::move(result).error());
    out = std::move(result).value();
  }

  [[nodiscard]] bool ok() const { return fault_.ok(); }
  Result<void> finish();

 private:
  const Json& object_;
  std::string where_;
  FieldRules rules_;
  std::set<std::string, std::less<>> known_;
  Result<void> fault_;
};

}  // namespace tenfold
