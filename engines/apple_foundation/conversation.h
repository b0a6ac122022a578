// What is asked, in the forms that the bridge takes.
#pragma once

#include <string>

#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold::apple_foundation {

struct Conversation {
  std::string transcript;  ///< JSON of all but the prompt, with the tools
  std::string prompt;      ///< the last message, of the user, or a word to go on after results
};

/// Plain text is a prompt without a transcript. The model has to be asked something: after results
/// of tools that is to go on with them. unsupported for token ids, for a conversation that ends
/// with the assistant, and for a tool whose parameters the model cannot take.
Result<Conversation> read_conversation(const Prompt& prompt);

/// The options of generation as JSON: only what is given, as the model has its own defaults.
/// unsupported if both top_k and top_p are: the model takes one of them.
Result<std::string> generation_options(const Request& request, std::uint64_t seed, int limit);

}  // namespace tenfold::apple_foundation
