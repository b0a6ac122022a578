// Reading the bodies of public APIs: what is known is honoured, what is not is refused by name.
#pragma once

#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
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

  /// A number of things; a negative one is refused.
  BodyReader& count(const std::string& field, std::optional<int>& out);

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

/// What an API calls a field of requests, and what the table of request fields does.
struct ForeignField {
  const char* theirs;
  std::string_view ours;
};

/// Takes the fields by their names in an API. Faults stay in the reader.
void take_fields(BodyReader& reader, std::span<const ForeignField> fields, Request& out);

/// The content of a message: a text, or an array of parts, whose texts are joined. `read_part` is
/// given a part and its name.
Result<std::string> join_parts(
    const Json& json, const std::string& where,
    const std::function<Result<std::string>(const Json&, const std::string&)>& read_part);

/// A body once more, with the fields of its objects in the order they were sent, which a Json
/// object does not keep. Parsed when it is first needed. The text must outlive it.
class OrderedBody {
 public:
  explicit OrderedBody(const std::string& text) : text_(text) {}
  /// The JSON text of a part; `pointer` is an RFC 6901 pointer to what is known to be there.
  [[nodiscard]] std::string text(const std::string& pointer) const;

 private:
  const std::string& text_;
  mutable std::optional<nlohmann::ordered_json> json_;
};

}  // namespace tenfold::server
