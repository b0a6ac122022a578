// The prompts of instruction-tuned models. The library takes finished text only; its Python package
// has a "dialog" for each model that it knows, and these are the same as chat templates.
#pragma once

#include <string>
#include <string_view>

namespace tenfold::picollm {

/// The chat template (Jinja) of the model that the library calls `name`; empty if there is none.
std::string chat_template(std::string_view name);

/// The first word of a model's name in lower case, e.g. "gemma-2b-it" of "Gemma-2b-it 476M".
std::string short_name(std::string_view name);

}  // namespace tenfold::picollm
