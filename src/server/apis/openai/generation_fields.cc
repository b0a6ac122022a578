#include "server/apis/openai/generation_fields.h"

#include <fmt/format.h>

#include <cmath>

namespace tenfold::server::openai {
namespace {

constexpr int most_choices = 16;
constexpr double most_seconds = 1e6;

/// OpenAI's own, and those of ours that its API lacks, under our names.
constexpr ForeignField fields[] = {
    {"temperature", "temperature"},
    {"top_p", "top_p"},
    {"presence_penalty", "presence_penalty"},
    {"frequency_penalty", "frequency_penalty"},
    {"logit_bias", "logit_bias"},
    {"top_k", "top_k"},
    {"min_p", "min_p"},
    {"repeat_penalty", "repeat_penalty"},
    {"penalty_window", "penalty_window"},
    {"allow_repetition", "allow_repetition"},
};

/// One string or up to four of them, in OpenAI's API; here any number.
void take_stop(BodyReader& reader, std::vector<std::string>& out) {
  const Json* stop = reader.take("stop");
  if (stop == nullptr) return;
  const Json list = stop->is_string() ? Json::array({*stop}) : *stop;
  reader.keep(read_value(list, reader.name("stop"), out));
}

void take_stream_options(BodyReader& reader, GenerationFields& out) {
  const Json* options = reader.take("stream_options");
  if (options == nullptr) return;
  if (!out.stream) {
    return reader.keep(fail(ErrorCode::invalid_argument, "stream_options needs stream: true"));
  }
  reader.keep(BodyReader(*options, reader.name("stream_options"))
                  .optional("include_usage", out.stream_usage)
                  .finish());
}

void take_constraint(BodyReader& reader, const char* field, Constraint::Kind kind,
                     Constraint& out) {
  std::optional<std::string> text;
  reader.optional(field, text);
  if (text) add_constraint(reader, Constraint{kind, std::move(*text)}, out);
}

std::optional<std::chrono::milliseconds> take_seconds(BodyReader& reader, const char* field,
                                                      double least) {
  std::optional<double> seconds;
  reader.optional(field, seconds);
  if (!seconds) return std::nullopt;
  if (!(*seconds >= least && *seconds <= most_seconds)) {
    reader.keep(
        fail(ErrorCode::invalid_argument,
             fmt::format("{} must be {} to {} seconds", reader.name(field), least, most_seconds)));
  }
  return std::chrono::milliseconds(std::llround(*seconds * 1000));
}

}  // namespace

void take_common_fields(BodyReader& reader, Request& request, ModelUse& use) {
  take_fields(reader, fields, request);
  take_seed(reader, request.sampling.seed);
  reader.optional("model", use.model)
      .optional("engine", use.engine)
      .count("context_size", use.context_size);
  take_constraint(reader, "regex", Constraint::Kind::regex, request.constraint);
  take_constraint(reader, "grammar", Constraint::Kind::lark, request.constraint);
  request.deadline = take_seconds(reader, "deadline", 0.001);
  use.keep_alive = take_seconds(reader, "keep_alive", -1);
}

void take_generation_fields(BodyReader& reader, GenerationFields& out) {
  take_common_fields(reader, out.request, out.use);
  take_most_tokens(reader, "max_tokens", {-1}, out.request.max_tokens);
  reader.optional("n", out.choices)
      .optional("stream", out.stream)
      .optional("return_progress", out.return_progress)
      .only("store", {false});
  if (out.choices < 1 || out.choices > most_choices) {
    reader.keep(fail(ErrorCode::invalid_argument, fmt::format("n must be 1 to {}", most_choices)));
  }
  take_stop(reader, out.request.stop);
  take_stream_options(reader, out);
}

void add_constraint(BodyReader& reader, Result<Constraint> added, Constraint& out) {
  Constraint constraint;
  reader.keep(std::move(added), constraint);
  if (constraint.kind == Constraint::Kind::none) return;
  if (out.kind != Constraint::Kind::none) {
    reader.keep(fail(ErrorCode::invalid_argument,
                     "an answer follows one of regex, grammar and a JSON format, not several"));
  }
  out = std::move(constraint);
}

std::vector<Request> one_a_choice(const GenerationFields& fields) {
  std::vector<Request> requests(static_cast<std::size_t>(fields.choices), fields.request);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (fields.request.sampling.seed) requests[i].sampling.seed = *fields.request.sampling.seed + i;
  }
  return requests;
}

}  // namespace tenfold::server::openai
