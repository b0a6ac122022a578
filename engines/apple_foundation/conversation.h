// What is asked, in the forms that the bridge takes.
#pragma once

#include <string>

#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold::apple_foundation {

struct Conversation {
  std::string transcript;  ///< JSON of all but the last message
  std::string prompt;      ///< the last message, of the user
};

/// Plain text is a prompt without a transcript. unsupported for token ids and for a conversation
/// whose last message is not the user's.
Result<Conversation> read_conversation(const Prompt& prompt);

/// The options of generation as JSON: only what is given, as the model has its own defaults.
/// unsupported if both top_k and top_p are: the model takes one of them.
Result<std::string> generation_options(const Request& request, std::uint64_t seed, int limit);

/// A JSON schema in the model's dialect: objects with a title and the order of their fields.
/// unsupported, naming it, for a keyword that the dialect does not have.
Result<std::string> schema_in_dialect(const std::string& schema);

}  // namespace tenfold::apple_foundation
