// The parts that several bodies of Ollama's API have in common.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "server/apis/fields.h"
#include "service/scheduler.h"

namespace tenfold::server::ollama {

/// "options": how to sample, and num_ctx. What Ollama has and we do not is refused by name.
void take_options(BodyReader& reader, Request& request, ModelUse& use);

/// "options" where nothing is sampled: num_ctx alone.
void take_load_options(BodyReader& reader, ModelUse& use);

/// "model", or "name" as older clients call it; neither: the server's default model.
void take_model(BodyReader& reader, std::string& model);

/// "keep_alive": seconds or a duration.
void take_keep_alive(BodyReader& reader, ModelUse& use);

/// "format": "json" or a schema; `body` is the whole body, for the order of the schema's fields.
void take_format(BodyReader& reader, const OrderedBody& body, Constraint& out);

/// "1h30m", "500ms", "-1s"; without a unit, seconds. nullopt for anything else and for more than
/// 30 years; -1 ms for all that is negative.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace tenfold::server::ollama
