// Frames as a broken worker could send them.
#pragma once

#include <cstdint>
#include <string>

#include "engine/json.h"

namespace tenfold {

/// Bytes made of a frame of any kind that the protocol gives call `id` (or any call): truncated,
/// with wrong types, ids and lengths, nested deep, not UTF-8. The same for the same seed.
std::string mutated_frame(std::uint64_t id, std::uint64_t seed);

/// A proper end of a call: done, with the value that `type` has.
Json proper_end(const std::string& type, std::uint64_t id);

/// What a worker says first, as JSON.
Json proper_hello();

}  // namespace tenfold
