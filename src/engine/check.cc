// Checks of load options and requests against value ranges and an engine's capabilities.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/files.h"
#include "engine/fields.h"
#include "engine/invalid.h"
#include "engine/json_depth.h"
#include "engine/json_fields.h"
#include "engine/table.h"

namespace tenfold {
namespace {

Result<void> check_option(const OptionSpec& spec, const OptionValue& value) {
  if (value.index() != spec.default_value.index()) {
    return invalid(fmt::format("engine option {} must be of type {}, not {}", spec.name,
                               option_type(spec.default_value), option_type(value)));
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (spec.choices.empty() || std::ranges::find(spec.choices, *text) != spec.choices.end()) {
      return {};
    }
    return invalid(fmt::format("engine option {} cannot be \"{}\"", spec.name, *text),
                   fmt::format("allowed: {}", fmt::join(spec.choices, ", ")));
  }
  if (std::holds_alternative<bool>(value)) return {};
  const auto* integer = std::get_if<std::int64_t>(&value);
  const double number =
      integer != nullptr ? static_cast<double>(*integer) : std::get<double>(value);
  const bool bounded = spec.minimum != spec.maximum;
  if (!std::isfinite(number) || (bounded && (number < spec.minimum || number > spec.maximum))) {
    return invalid(fmt::format("engine option {} cannot be {}", spec.name, number),
                   bounded ? fmt::format("allowed: {} to {}", spec.minimum, spec.maximum)
                           : "give a finite number");
  }
  return {};
}

Result<void> check_utf8(std::string_view text, const std::string& field) {
  if (is_valid_utf8(text)) return {};
  return invalid(field + " is not valid UTF-8", "convert the text to UTF-8");
}

Result<void> check_prompt(const Prompt& prompt) {
  if (const auto* chat = std::get_if<ChatPrompt>(&prompt)) return check_conversation(*chat);
  if (const auto* text = std::get_if<std::string>(&prompt)) return check_utf8(*text, "prompt");
  const auto& tokens = std::get<std::vector<TokenId>>(prompt);
  if (tokens.empty()) return invalid("tokens is empty", "give at least one token id");
  if (*std::ranges::min_element(tokens) < 0) return invalid("tokens has a negative id");
  return {};
}

Result<void> check_prompt_kind(const Prompt& prompt, const Capabilities& can) {
  const auto* chat = std::get_if<ChatPrompt>(&prompt);
  std::string_view lacking;
  if (chat != nullptr) {
    const bool has_system =
        std::ranges::find(chat->messages, "system", &Message::role) != chat->messages.end();
    if (has_system && !can.system_role) lacking = "messages of the role system";
    if (!can.chat_prompts) lacking = "conversations";
  } else if (std::holds_alternative<std::string>(prompt)) {
    if (!can.text_prompts) lacking = "prompts of plain text";
  } else if (!can.token_prompts) {
    lacking = "prompts of token ids";
  }
  if (lacking.empty()) return {};
  return fail(ErrorCode::unsupported, fmt::format("{} takes no {}", can.engine, lacking),
              "its capabilities say what it takes");
}

std::optional<double> number_of(const std::optional<double>& value) { return value; }
std::optional<double> number_of(const std::optional<int>& value) { return value; }
std::optional<double> number_of(const std::optional<std::chrono::milliseconds>& value) {
  return value ? std::optional(static_cast<double>(value->count())) : std::nullopt;
}
template <typename T>
std::optional<double> number_of(const T& /*no number, or one that can be any*/) {
  return std::nullopt;
}

Result<void> check_threads(int threads) {
  return NumberRange{.minimum = 0, .maximum = 1024}.check("threads", threads);
}

Result<void> check_ranges(const Request& request) {
  for (const RequestField& field : request_fields()) {
    const auto number = std::visit(
        [&](const auto& member) { return number_of(member_of(request, member)); }, field.member);
    if (number) TRY(field.range.check(field.name, *number));
  }
  return {};
}

Result<void> check_lists(const Request& request) {
  for (const auto& [token, bias] : request.sampling.logit_bias) {
    if (token < 0) return invalid(fmt::format("logit_bias names the negative token id {}", token));
    if (std::isnan(bias) || bias == HUGE_VAL) {
      return invalid(fmt::format("logit_bias.{} cannot be {}", token, bias),
                     "allowed: finite numbers, and -inf to ban the token");
    }
  }
  for (std::size_t i = 0; i < request.stop.size(); ++i) {
    const std::string field = fmt::format("stop[{}]", i);
    if (request.stop[i].empty()) return invalid(field + " is empty", "leave it out");
    TRY(check_utf8(request.stop[i], field));
  }
  if (request.constraint.kind == Constraint::Kind::none) return {};
  if (request.constraint.text.empty()) return invalid("constraint.text is empty");
  if (request.constraint.kind == Constraint::Kind::json_schema &&
      nests_deeper(request.constraint.text, deepest_json)) {
    return invalid(fmt::format("the JSON schema is nested deeper than {}", deepest_json));
  }
  return check_utf8(request.constraint.text, "constraint.text");
}

/// What the engine has to honour.
std::vector<std::string_view> capabilities_in_use(const Request& request) {
  std::vector<std::string_view> names;
  for (const RequestField& field : request_fields()) {
    if (field.name == "answered") continue;  // no option: see Capabilities::resumes
    if (is_given(field, request)) names.push_back(capability_of(field, request));
  }
  const auto* chat = std::get_if<ChatPrompt>(&request.prompt);
  if (chat != nullptr && !chat->tools.empty()) names.push_back("tools");
  return names;
}

}  // namespace

/// Also the ranges of the other load options.
Result<void> check_engine_options(const LoadOptions& options, const Capabilities& capabilities) {
  const NumberRange sizes{.minimum = 0};
  const NumberRange sequences{.minimum = 1,
                              .maximum = static_cast<double>(capabilities.max_sequences)};
  TRY(sizes.check("context_size", options.context_size));
  if (capabilities.fixed_context && options.context_size > 0) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("the context_size of {}'s models cannot be chosen", capabilities.engine),
        "leave it out");
  }
  TRY(check_threads(options.threads));
  TRY(sequences.check("sequences", options.sequences));
  for (const auto& [name, value] : options.engine_options) {
    const auto spec = std::ranges::find(capabilities.options, name, &OptionSpec::name);
    if (spec == capabilities.options.end()) {
      std::vector<std::string_view> known;
      for (const OptionSpec& option : capabilities.options) known.push_back(option.name);
      return invalid(fmt::format("{} has no engine option {}", capabilities.engine, name),
                     known.empty() ? "it has no engine options"
                                   : fmt::format("known: {}", fmt::join(known, ", ")));
    }
    TRY(check_option(*spec, value));
  }
  return {};
}

Result<void> check_adjustment(const Adjustment& adjustment, const Capabilities& capabilities) {
  if (!adjustment.threads) return {};
  if (std::ranges::find(capabilities.adjustable, "threads") == capabilities.adjustable.end()) {
    return fail(
        ErrorCode::unsupported,
        fmt::format("{} cannot change threads while a model is loaded", capabilities.engine),
        "load the model again with other threads");
  }
  return check_threads(*adjustment.threads);
}

Result<void> check_values(const Request& request) {
  TRY(check_prompt(request.prompt));
  TRY(check_tool_choice(request));
  TRY(check_ranges(request));
  return check_lists(request);
}

Result<void> check_request(const Request& request, const Capabilities& capabilities) {
  TRY(check_values(request));
  TRY(check_prompt_kind(request.prompt, capabilities));
  if (!request.answered.empty() && !capabilities.resumes) {
    return fail(ErrorCode::unsupported,
                fmt::format("{} cannot go on with an answer that was begun: answered must be empty",
                            capabilities.engine),
                "ask again without the tokens answered so far");
  }
  const auto& honoured = capabilities.request_options;
  for (const std::string_view option : capabilities_in_use(request)) {
    if (std::ranges::find(honoured, option) != honoured.end()) continue;
    const std::string others = engines_with_option(option);
    return fail(
        ErrorCode::unsupported, fmt::format("{} does not have {}", capabilities.engine, option),
        others.empty() ? "leave it out" : fmt::format("leave it out, or use one of: {}", others));
  }
  return {};
}

}  // namespace tenfold
