#include "cli/request_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/host_port.h"
#include "cli/numbers.h"
#include "engine/fields.h"
#include "engine/json_fields.h"
#include "models/catalogue.h"
#include "models/store.h"
#include "service/service.h"

namespace tenfold {
namespace {

int small(const Settings& settings, std::string_view name, int otherwise) {
  return static_cast<int>(settings.integer(name).value_or(otherwise));
}

std::optional<int> small(const Settings& settings, std::string_view name) {
  const std::optional<std::int64_t> value = settings.integer(name);
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

/// take(settings, name, out): the option's value, if it is set.
void take(const Settings& settings, std::string_view name, std::optional<double>& out) {
  out = settings.number(name);
}
void take(const Settings& settings, std::string_view name, std::optional<int>& out) {
  out = small(settings, name);
}
void take(const Settings& settings, std::string_view name, std::optional<std::uint64_t>& out) {
  out = settings.whole(name);
}
void take(const Settings& settings, std::string_view name, bool& out) { out = settings.flag(name); }
void take(const Settings& settings, std::string_view name, std::vector<std::string>& out) {
  out = settings.texts(name);
}
template <typename T>
void take(const Settings& /*settings*/, std::string_view /*name*/, T& /*has a form of its own*/) {}

Result<std::map<TokenId, double>> logit_bias_from(const Settings& settings) {
  constexpr std::string_view where = "--logit-bias";
  std::map<TokenId, double> bias;
  for (const std::string& text : settings.texts("logit-bias")) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{} must be ID=VALUE, not \"{}\"", where, text));
    }
    const std::int64_t token =
        TRY(parse_integer(fmt::format("the token id of {}", where), text.substr(0, equals), 0,
                          std::numeric_limits<TokenId>::max()));
    const std::string value = text.substr(equals + 1);
    bias[static_cast<TokenId>(token)] =
        value == "-inf"
            ? -HUGE_VAL
            : TRY(parse_number(fmt::format("the value of {}", where), value, -1e6, 1e6));
  }
  return bias;
}

Result<Constraint> constraint_from(const Settings& settings) {
  constexpr std::pair<std::string_view, Constraint::Kind> kinds[] = {
      {"json-schema", Constraint::Kind::json_schema},
      {"regex", Constraint::Kind::regex},
      {"grammar", Constraint::Kind::lark}};
  Constraint constraint;
  for (const auto& [name, kind] : kinds) {
    const std::optional<std::string> text = settings.text(name);
    if (!text) continue;
    if (constraint.kind != Constraint::Kind::none) {
      return fail(ErrorCode::invalid_argument,
                  "only one of --json-schema, --regex and --grammar can be given");
    }
    constraint = {kind, *text};
  }
  return constraint;
}

/// --engine-option as it was given.
struct EngineOptionText {
  std::string engine;  ///< id; empty: any
  std::string key;
  std::string value;
};

Result<std::vector<EngineOptionText>> engine_option_texts(const std::vector<std::string>& texts) {
  std::vector<EngineOptionText> options;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      // What stands there may be a secret.
      return fail(ErrorCode::invalid_argument, "--engine-option must be KEY=VALUE",
                  "write = between the option's name and its value");
    }
    EngineOptionText option{{}, text.substr(0, equals), text.substr(equals + 1)};
    const std::size_t dot = option.key.find('.');
    if (dot != std::string::npos) {
      option.engine = TRY(engine_named(option.key.substr(0, dot)))->id;
      option.key = option.key.substr(dot + 1);
    }
    options.push_back(std::move(option));
  }
  return options;
}

/// invalid_argument if the engine has no option of that name.
Result<const OptionSpec*> listed_option(const Capabilities& capabilities, const std::string& name) {
  const auto spec = std::ranges::find(capabilities.options, name, &OptionSpec::name);
  if (spec != capabilities.options.end()) return &*spec;
  return fail(ErrorCode::invalid_argument,
              fmt::format("the engine {} has no option \"{}\"", capabilities.engine, name),
              fmt::format("run: tenfold engines {}", capabilities.engine));
}

Result<OptionValue> engine_option_value(const EngineOptionText& option,
                                        const Capabilities& capabilities) {
  return parse_engine_option(*TRY(listed_option(capabilities, option.key)), option.value);
}

}  // namespace

Result<Request> request_from(const Settings& settings) {
  Request request;
  for (const RequestField& field : request_fields()) {
    if (field.help.empty()) continue;
    const std::string option = option_name(field);
    std::visit([&](const auto& member) { take(settings, option, member_of(request, member)); },
               field.member);
  }
  request.sampling.logit_bias = TRY(logit_bias_from(settings));
  request.logprobs = small(settings, "logprobs");
  request.constraint = TRY(constraint_from(settings));
  if (const auto think = settings.text("think")) {
    request.thinking = TRY(parse_thinking(*think, "--think"));
  }
  if (const std::optional<double> seconds = settings.number("deadline")) {
    request.deadline = std::chrono::milliseconds(std::llround(*seconds * 1000));
  }
  return request;
}

std::vector<SamplingLayer> sampling_layers(const Sampling& asked, const GivenOptions& given,
                                           const Sampling& preset, const Sampling& model) {
  Request by_command;
  by_command.sampling = asked;
  for (const RequestField& field : request_fields()) {
    if (given.contains(option_name(field))) continue;
    std::visit([&](const auto& member) { member_of(by_command, member) = {}; }, field.member);
  }
  return {{SamplingSource::request, by_command.sampling},
          {SamplingSource::settings, asked},
          {SamplingSource::preset, preset},
          {SamplingSource::model, model}};
}

Result<std::map<std::string, OptionValue>> rpc_options_from(const Settings& settings) {
  std::map<std::string, OptionValue> options;
  if (const auto hosts = settings.text("rpc")) {
    TRY(read_host_ports("--rpc", *hosts));
    options["rpc"] = *hosts;
  }
  if (const auto layers = settings.integer("rpc-layers")) {
    if (options.empty()) return fail(ErrorCode::invalid_argument, "--rpc-layers needs --rpc");
    options["rpc_layers"] = *layers;
  }
  return options;
}

Result<LoadOptions> load_options_from(const Settings& settings, const Capabilities& capabilities) {
  LoadOptions options;
  options.context_size = small(settings, "ctx", 0);
  options.threads = small(settings, "threads", 0);
  options.memory_limit = settings.whole("memory-limit").value_or(0);
  options.engine_options = TRY(rpc_options_from(settings));
  for (const auto& option : options.engine_options) TRY(listed_option(capabilities, option.first));
  for (const EngineOptionText& option : TRY(engine_option_texts(settings.texts("engine-option")))) {
    if (!option.engine.empty() && option.engine != capabilities.engine) continue;
    options.engine_options[option.key] = TRY(engine_option_value(option, capabilities));
  }
  return options;
}

Result<std::map<std::string, std::map<std::string, OptionValue>>> server_engine_options(
    const std::vector<std::string>& texts) {
  std::map<std::string, std::map<std::string, OptionValue>> options;
  std::map<std::string, Capabilities> known;
  for (const EngineOptionText& option : TRY(engine_option_texts(texts))) {
    if (option.engine.empty()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("--engine-option {}=… does not say for which engine", option.key),
                  fmt::format("write ENGINE.{}=…", option.key));
    }
    const bool is_secret =
        option_kind(*find_engine(option.engine), option.key) == OptionKind::secret;
    if (!known.contains(option.engine)) {
      const EngineReport report = report_engine(*TRY(engine_named(option.engine)));
      if (!report.capabilities && is_secret) continue;  // a key may be there before its engine
      if (!report.capabilities) {
        return fail(ErrorCode::unavailable,
                    fmt::format("{} is not here: {}", option.engine, report.reason),
                    fmt::format("leave out --engine-option {}.{}", option.engine, option.key));
      }
      known[option.engine] = *report.capabilities;
    }
    options[option.engine][option.key] = TRY(engine_option_value(option, known[option.engine]));
  }
  return options;
}

std::string system_message(ModelStore& store, const Settings& settings) {
  if (const auto given = settings.text("system")) return *given;
  const Catalogue& catalogue = built_in_catalogue();
  std::string name = settings.text("model").value_or("");
  if (name.empty()) name = catalogue.default_name;
  const auto stored = store.find(name);
  if (stored.ok() && stored.value() && !stored.value()->system.empty()) {
    return stored.value()->system;
  }
  const CatalogueModel* model = catalogue.find(name);
  return model != nullptr ? model->system : std::string();
}

}  // namespace tenfold
