// How a prompt is shown.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "chat/conversation.h"
#include "engine/json.h"
#include "service/scheduler.h"

namespace tenfold::server::conversations {

/// The oldest question from which on the conversation has fewer than `context` tokens; absent if
/// there is none. `count` gives the tokens of a part of the branch.
Result<std::optional<std::int64_t>> first_fitting(
    const std::vector<ChatMessage>& branch, int context,
    const std::function<Result<std::size_t>(std::size_t from)>& count);

Json look_json(const LoadedModel& model, const PreparedPrompt& prompt, bool with_tokens,
               const std::optional<std::int64_t>& first_fitting);

}  // namespace tenfold::server::conversations
