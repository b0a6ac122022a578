#include "server/apis/ollama/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace tenfold::server::ollama {
namespace {

using std::chrono::milliseconds;

constexpr double most_seconds = 1e9;

constexpr ForeignField fields[] = {
    {"temperature", "temperature"},
    {"top_k", "top_k"},
    {"top_p", "top_p"},
    {"min_p", "min_p"},
    {"repeat_penalty", "repeat_penalty"},
    {"presence_penalty", "presence_penalty"},
    {"frequency_penalty", "frequency_penalty"},
    {"repeat_last_n", "penalty_window"},
};

std::optional<milliseconds> milliseconds_of(double seconds) {
  if (seconds < 0) return milliseconds(-1);
  if (!(seconds <= most_seconds)) return std::nullopt;
  return milliseconds(std::llround(seconds * 1000));
}

/// An array, or a string as some clients send it.
void take_stop(BodyReader& options, std::vector<std::string>& out) {
  const Json* stop = options.take("stop");
  if (stop == nullptr) return;
  const Json list = stop->is_string() ? Json::array({*stop}) : *stop;
  options.keep(read_value(list, options.name("stop"), out));
}

}  // namespace

void take_options(BodyReader& reader, Request& request, ModelUse& use) {
  const Json* object = reader.take("options");
  if (object == nullptr) return;
  BodyReader options(*object, reader.name("options"));
  take_fields(options, fields, request);
  options.count("num_ctx", use.context_size);
  take_seed(options, request.sampling.seed);
  take_most_tokens(options, "num_predict", {-1, -2}, request.max_tokens);
  take_stop(options, request.stop);
  reader.keep(options.finish());
}

void take_load_options(BodyReader& reader, ModelUse& use) {
  const Json* object = reader.take("options");
  if (object == nullptr) return;
  reader.keep(
      BodyReader(*object, reader.name("options")).count("num_ctx", use.context_size).finish());
}

void take_model(BodyReader& reader, std::string& model) {
  std::string name;
  reader.optional("name", name).optional("model", model);
  if (model.empty()) model = name;
  if (!name.empty() && name != model) {
    reader.keep(fail(ErrorCode::invalid_argument, "model and name are the same thing and differ"));
  }
}

void take_keep_alive(BodyReader& reader, ModelUse& use) {
  const Json* value = reader.take("keep_alive");
  if (value == nullptr) return;
  if (value->is_number()) use.keep_alive = milliseconds_of(value->get<double>());
  if (value->is_string()) use.keep_alive = parse_duration(value->get<std::string>());
  if (use.keep_alive) return;
  reader.keep(fail(ErrorCode::invalid_argument,
                   reader.name("keep_alive") + " must be seconds, or a duration such as \"5m\"",
                   "0 unloads the model at once, a negative one keeps it"));
}

void take_format(BodyReader& reader, const OrderedBody& body, Constraint& out) {
  const Json* format = reader.take("format");
  if (format == nullptr || *format == "") return;
  if (*format != "json" && !format->is_object()) {
    return reader.keep(
        fail(ErrorCode::invalid_argument, R"(format must be "json" or a JSON schema)"));
  }
  out.kind = Constraint::Kind::json_schema;
  out.text = format->is_object() ? body.text("/format") : R"({"type":"object"})";
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, double> units[] = {
      {"", 1}, {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  while (!text.empty()) {
    if (text[0] < '0' || text[0] > '9') return std::nullopt;
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    const auto* unit =
        std::ranges::find(units, name, [](const auto& entry) { return entry.first; });
    if (unit == std::end(units)) return std::nullopt;
    seconds += number * unit->second;
    text.remove_prefix(name.size());
  }
  return milliseconds_of(negative ? -seconds : seconds);
}

}  // namespace tenfold::server::ollama
