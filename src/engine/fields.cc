#include "engine/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/json_fields.h"

namespace tenfold {
namespace {

constexpr NumberRange at_least_0{.minimum = 0};
/// Beyond 100 every token is as likely as the next, so that such a number is a slip. OpenAI stops
/// at 2 and llama-server nowhere; people who cut the tail by min_p go to 5.
constexpr NumberRange temperatures{.minimum = 0, .maximum = 100};
constexpr NumberRange fraction{.minimum = 0, .maximum = 1};

constexpr auto fields = std::to_array<RequestField>({
    {"max_tokens", &Request::max_tokens, {.minimum = 1}, true, "N", "longest answer, in tokens"},
    {"temperature", SamplingMember<double>{&Sampling::temperature, &ResolvedSampling::temperature},
     temperatures, true, "X", "0: always the most likely token"},
    {"top_k", SamplingMember<int>{&Sampling::top_k, &ResolvedSampling::top_k}, at_least_0, true,
     "N", "choose among the N most likely tokens; 0: off"},
    {"top_p",
     SamplingMember<double>{&Sampling::top_p, &ResolvedSampling::top_p},
     {.minimum = 0, .maximum = 1, .above = true},
     true,
     "X",
     "choose among the most likely tokens that together have this probability; 1: off"},
    {"min_p", SamplingMember<double>{&Sampling::min_p, &ResolvedSampling::min_p}, fraction, true,
     "X", "drop tokens less likely than X times the most likely one; 0: off"},
    {"repeat_penalty",
     SamplingMember<double>{&Sampling::repeat_penalty, &ResolvedSampling::repeat_penalty},
     {.minimum = 0, .above = true},
     true,
     "X",
     "divide the logits of recent tokens; 1: off"},
    {"presence_penalty",
     SamplingMember<double>{&Sampling::presence_penalty, &ResolvedSampling::presence_penalty},
     {},
     true,
     "X",
     "subtract from the logits of tokens that occurred; 0: off"},
    {"frequency_penalty",
     SamplingMember<double>{&Sampling::frequency_penalty, &ResolvedSampling::frequency_penalty},
     {},
     true,
     "X",
     "subtract for each time that a token occurred; 0: off"},
    {"penalty_window",
     SamplingMember<int>{&Sampling::penalty_window, &ResolvedSampling::penalty_window},
     {.minimum = -1},
     true,
     "N",
     "tokens the penalties look back at; -1: all"},
    {"seed",
     &Sampling::seed,
     {},
     true,
     "N",
     "the same seed gives the same text; random if not set"},
    {"logit_bias", &Sampling::logit_bias, {}, true},
    {"stop", &Request::stop, {}, true, "TEXT", "end the answer before this text"},
    {"logprobs", &Request::logprobs, {.minimum = 0, .maximum = 20}},
    {"constraint", &Request::constraint, {}, true},
    {"think", &Request::thinking, {}, true},
    {"tool_choice", &Request::tool_choice},
    {"parallel_tool_calls", &Request::parallel_tool_calls},
    {"allow_repetition",
     &Request::allow_repetition,
     {},
     true,
     "",
     "go on with an answer that repeats itself without end"},
    {"deadline_ms", &Request::deadline, {.minimum = 1, .maximum = 86'400'000}, true},
    {"answered", &Request::answered},
    {"ignore_end", &Request::ignore_end},
    {"split_reasoning", &Request::split_reasoning, {}, true},
});

}  // namespace

bool NumberRange::holds(double value) const {
  return std::isfinite(value) && (above ? value > minimum : value >= minimum) && value <= maximum;
}

std::string NumberRange::allowed() const {
  std::string text = above                 ? fmt::format("more than {}", minimum)
                     : minimum > -HUGE_VAL ? fmt::format("at least {}", minimum)
                                           : std::string("any finite number");
  if (maximum < HUGE_VAL) text += fmt::format(" and at most {}", maximum);
  return text;
}

Result<void> NumberRange::check(std::string_view name, double value) const {
  if (holds(value)) return {};
  return fail(ErrorCode::invalid_argument, fmt::format("{} cannot be {}", name, value),
              "allowed: " + allowed());
}

std::span<const RequestField> request_fields() { return fields; }

const RequestField* find_request_field(std::string_view name) {
  const auto found = std::ranges::find(fields, name, &RequestField::name);
  return found == fields.end() ? nullptr : &*found;
}

bool is_given(const RequestField& field, const Request& request) {
  static const Request nothing;
  return std::visit(
      [&](const auto& member) { return member_of(request, member) != member_of(nothing, member); },
      field.member);
}

std::string_view capability_of(const RequestField& field, const Request& request) {
  const auto* constraint = std::get_if<Constraint Request::*>(&field.member);
  return constraint == nullptr ? field.name : constraint_kind((request.*(*constraint)).kind);
}

Json field_to_json(const RequestField& field, const Request& request) {
  if (!is_given(field, request)) return nullptr;
  return std::visit([&](const auto& member) { return value_json(member_of(request, member)); },
                    field.member);
}

}  // namespace tenfold
