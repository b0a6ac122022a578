// Objects that are shown while they are written.
#pragma once

#include <string>
#include <string_view>

namespace tenfold {

/// What an answer in JSON (Constraint::json_schema) has come to so far, as JSON that parses: what
/// is open is closed. `begun` is a JSON text (RFC 8259) cut anywhere, such as all deltas of an
/// answer up to now. A longer cut gives the same value or one that goes on from it: objects gain
/// fields, arrays gain values, texts grow. What could still become another value (a number,
/// literal, escape or character that is not whole, a key without its value) is left out.
///
/// Empty: nothing has come yet, `begun` is no JSON, or it is nested deeper than 64. A number alone
/// has its end only where the answer has; Answer::text is whole. Takes time in proportion to
/// `begun`.
std::string whole_json(std::string_view begun);

}  // namespace tenfold
