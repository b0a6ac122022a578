// JSON forms of the contract's types: one spelling for --json, the worker protocol and the APIs.
// Readers refuse unknown fields and wrong types with invalid_argument naming the field.
#pragma once

#include <nlohmann/json.hpp>

#include "tenfold/engine.h"
#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

using Json = nlohmann::json;

Json to_json(const Error& error);
Json to_json(const OptionSpec& spec);
Json to_json(const Capabilities& capabilities);
Json to_json(const ModelInfo& info);
/// Paths may hold any bytes: the form is for the worker protocol, not for people.
Json to_json(const ResolvedModel& model);
Json to_json(const LoadOptions& options);
Json to_json(const Adjustment& adjustment);
/// Only what is given.
Json to_json(const Request& request);
/// The numbers that have a default, likewise: neither seed nor logit_bias.
Json to_json(const Sampling& sampling);
Json to_json(const Delta& delta);
Json to_json(const PromptProgress& progress);
Json to_json(const Usage& usage);
Json to_json(const Answer& answer);
Json to_json(const Prompt& prompt);

Error error_from_json(const Json& json);
Result<Capabilities> capabilities_from_json(const Json& json);
Result<ModelInfo> model_info_from_json(const Json& json);
Result<ResolvedModel> resolved_model_from_json(const Json& json);
Result<LoadOptions> load_options_from_json(const Json& json);
Result<Adjustment> adjustment_from_json(const Json& json);
Result<Request> request_from_json(const Json& json);
Result<Delta> delta_from_json(const Json& json);
Result<PromptProgress> prompt_progress_from_json(const Json& json);
Result<Answer> answer_from_json(const Json& json);
Result<Prompt> prompt_from_json(const Json& json);

/// Checks names, types, choices and ranges of `options.engine_options` against what the engine
/// lists; invalid_argument names the option and what is allowed.
Result<void> check_engine_options(const LoadOptions& options, const Capabilities& capabilities);

/// Checks that the engine can adjust what is set, and its range. `unsupported` names what it
/// cannot.
Result<void> check_adjustment(const Adjustment& adjustment, const Capabilities& capabilities);

/// Checks value ranges of a request (temperature >= 0, 0 < top_p <= 1, …; UTF-8 of every text).
Result<void> check_values(const Request& request);

/// check_values(), and that the engine takes this kind of prompt and honours every field that is
/// given; `unsupported` names it, and the engines that have it. A field that is not given is never
/// an error.
Result<void> check_request(const Request& request, const Capabilities& capabilities);

/// Checks messages (roles, UTF-8, which fields a role has) and tools (names, schemas); the error
/// names the field.
Result<void> check_conversation(const ChatPrompt& chat);

/// Checks that the tools asked for are there. Part of check_request().
Result<void> check_tool_choice(const Request& request);

}  // namespace tenfold
