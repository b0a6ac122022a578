// An engine that does what the prompt says, for the tests of the worker room.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// Models: any path loads; "missing" is not found; "slow" reports progress 50 times; "silent" takes
/// for ever without a report; "crash" dies by SIGSEGV; "throw" throws.
///
/// Prompts: "words N [MS]" streams N words, one each MS milliseconds; "pid", "path" and "echo"
/// answer with the process id, the loaded path, and the request as JSON; "print" writes on stdout;
/// "big N" answers with N bytes; "crash", "kill", "exit N", "hang" (deaf to cancel), "slow start"
/// (half a second before the first word), "talk N" (N lines on stderr, then exit 3), "throw",
/// "no memory"; "garbage" and "huge frame" write nonsense on the socket, "bad delta" a wrong frame.
std::unique_ptr<Engine> make_fake_engine();

}  // namespace tenfold
