// The one table of request fields. The worker's JSON, the checks of values and capabilities, the
// options of the command line and their keys in config.json, the settings the page shows, the
// stored settings of conversations and the fields of the public APIs are read from it.
#pragma once

#include <chrono>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "engine/sampling.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// A number that somebody decides: where a request holds what was asked, and where it ends up.
template <typename Number>
struct SamplingMember {
  std::optional<Number> Sampling::*asked;
  Number ResolvedSampling::*decided;
};

/// Where a request holds the value, and so its type.
using FieldMember =
    std::variant<SamplingMember<double>, SamplingMember<int>,
                 std::optional<std::uint64_t> Sampling::*, std::map<TokenId, double> Sampling::*,
                 std::optional<int> Request::*, std::optional<std::chrono::milliseconds> Request::*,
                 bool Request::*, std::vector<std::string> Request::*,
                 std::vector<TokenId> Request::*, Constraint Request::*, ToolChoice Request::*,
                 Thinking Request::*>;

/// The finite numbers between two bounds.
struct NumberRange {
  double minimum = -HUGE_VAL;
  double maximum = HUGE_VAL;
  bool above = false;  ///< the minimum itself is excluded

  [[nodiscard]] bool holds(double value) const;
  /// "at least 0 and at most 1"
  [[nodiscard]] std::string allowed() const;
  /// invalid_argument: "NAME cannot be VALUE", with what is allowed as a hint.
  [[nodiscard]] Result<void> check(std::string_view name, double value) const;
};

struct RequestField {
  std::string_view name;  ///< in JSON, in config.json and, with dashes, as an option
  FieldMember member;
  NumberRange range = {};            ///< of numbers
  bool lasting = false;              ///< may be a setting: of a conversation, and of the program
  std::string_view value_name = {};  ///< for help texts; empty: a flag, or no option by this table
  std::string_view help = {};        ///< empty: no option by this table
};

/// Every field but the prompt and its tools.
std::span<const RequestField> request_fields();
/// nullptr for an unknown name.
const RequestField* find_request_field(std::string_view name);

/// The member itself, of a Request or a const Request.
template <typename Owner, typename T>
auto& member_of(Owner& request, T Request::*member) {
  return request.*member;
}
template <typename Owner, typename T>
auto& member_of(Owner& request, T Sampling::*member) {
  return request.sampling.*member;
}
template <typename Owner, typename T>
auto& member_of(Owner& request, const SamplingMember<T>& member) {
  return request.sampling.*member.asked;
}

/// Whether the request says something with this field that is not the case without it.
bool is_given(const RequestField& field, const Request& request);

/// What an engine has to list among its request options for this value: the field's name; of a
/// constraint its kind.
std::string_view capability_of(const RequestField& field, const Request& request);

/// The value as JSON; null if it is not given.
Json field_to_json(const RequestField& field, const Request& request);
}  // namespace tenfold
