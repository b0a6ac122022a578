// Reading the bodies of public APIs: what is known is honoured, what is not is refused by name.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "engine/json_fields.h"

namespace tenfold::server {

/// Fields of an object are taken one by one; finish() refuses what nobody took. A null is as if the
/// field were not there. Keeps the first fault.
class BodyReader {
 public:
  /// `where` names the object in errors; empty for the body itself. invalid_argument from finish()
  /// if it is no object.
  BodyReader(const Json& object, std::string where);

  template <typename T>
  BodyReader& optional(const std::string& field, T& out) {
    const Json* value = take(field);
    if (value != nullptr) keep(read_value(*value, name(field), out));
    return *this;
  }

  template <typename T>
  BodyReader& required(const std::string& field, T& out) {
    const Json* value = take(field);
    if (value != nullptr) keep(read_value(*value, name(field), out));
    if (value == nullptr) keep(fail(ErrorCode::invalid_argument, name(field) + " is missing"));
    return *this;
  }

  /// The value itself; nullptr if there is none.
  const Json* take(const std::string& field);

  /// A field that changes nothing when it has one of these values, and that we have no other for.
  BodyReader& only(const std::string& field, std::initializer_list<Json> harmless);

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
  std::set<std::string> known_;
  Result<void> fault_;
};

/// The JSON text of a part of a body with its fields in the order they were sent, which a
/// Json object does not keep; `pointer` is an RFC 6901 pointer to what is known to be there.
std::string ordered_text(const std::string& body, const std::string& pointer);

}  // namespace tenfold::server
