// Tools over the bridge: what it is given, and what its calls are to the caller.
#pragma once

#include <cstdint>
#include <vector>

#include "bridge.h"
#include "conversation.h"
#include "reply.h"
#include "tenfold/request.h"

namespace tenfold::apple_foundation {

/// The request's tools; `growing` has a function of its own for the calls of each. unsupported or
/// invalid_argument, naming it, for one that the model cannot take, and for more than there are
/// places for; busy if answers that have not quite ended hold them.
Result<std::vector<Object>> make_tools(const Bridge& bridge, const Request& request,
                                       GrowingAnswer& growing);

/// The calls with ids that differ from turn to turn, and are the same for the same turn and seed.
/// internal for one whose arguments are no object.
Result<std::vector<ToolCall>> name_calls(const std::vector<WaitingCall>& calls,
                                         const Request& request, const Conversation& conversation,
                                         std::uint64_t seed);

}  // namespace tenfold::apple_foundation
