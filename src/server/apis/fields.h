// Reading the bodies of public APIs: what is known is honoured, what is not is refused by name.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/field_reader.h"
#include "server/apis/noted.h"

namespace tenfold::server {

/// The reader of what clients send: a null is as if the field were not there.
class BodyReader : public FieldReader {
 public:
  /// `where` names the object in errors; empty for the body itself.
  BodyReader(const Json& object, std::string where)
      : FieldReader(
            object, std::move(where),
            {.null_is_absent = true, .unknown_hint = "GET /openapi.json lists what there is"}) {}
};

/// What an API calls a field of requests, and what the table of request fields does.
struct ForeignField {
  const char* theirs;
  std::string_view ours;
};

/// Takes the fields by their names in an API. Faults stay in the reader.
void take_fields(BodyReader& reader, std::span<const ForeignField> fields, Request& out);

/// "seed"; -1 is one at random.
void take_seed(BodyReader& reader, std::optional<std::uint64_t>& out);

/// The most tokens of an answer; one of `unbounded` is no bound.
void take_most_tokens(BodyReader& reader, std::string_view field,
                      std::initializer_list<int> unbounded, std::optional<int>& out);

/// A wish for thinking in words: "none", "low", "high" and the like, or whether at all. Nothing
/// said changes nothing; what was switched off stays so.
void take_thinking(BodyReader& reader, std::string_view field, Thinking& out);
/// A number of tokens after which the thought is ended.
void take_thinking_budget(BodyReader& reader, std::string_view field, Thinking& out);

/// The arguments of an earlier call as clients send them back: what says nothing, "" or "null", is
/// an empty object.
std::string call_arguments(std::string text);

/// One more part of a content: a line of its own.
void add_line(std::string& content, const std::string& part);

/// The content of a message: a text, or an array of parts, whose texts are lines of one text, as
/// vLLM and llama.cpp have it. `read_part` is given a part and its name.
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
