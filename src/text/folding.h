// Conversations for templates that refuse some of their messages.
#pragma once

#include <vector>

#include "tenfold/prompt.h"

namespace tenfold {

/// Neighbours of one role as one message: contents with an empty line between, thoughts and calls
/// one after the other. Results of tools stay apart.
std::vector<Message> fold_neighbours(std::vector<Message> messages);

/// System messages as the beginning of the next message of the user, or as one of his where none
/// follows, with an empty line between, as llama.cpp does it.
std::vector<Message> fold_system(std::vector<Message> messages);

/// Calls of one message as several messages, each followed by its result, for templates that take
/// one call at once. A call whose result is not there stays with the one before it.
std::vector<Message> one_call_each(std::vector<Message> messages);

}  // namespace tenfold
