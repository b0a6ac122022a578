// An engine that does what the prompt says, for the tests of the worker room.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

/// Models: any path loads; "missing" is not found, "quota" has no licence for 7 s; "slow" reports
/// progress 50 times; "compiles" takes 1.5 s and "silent" a minute without a report; "crash" dies
/// by SIGSEGV; "throw" throws.
///
/// Prompts: "words N [MS]" streams N words, one each MS milliseconds; "read N MS" reads N tokens
/// after 10 cached ones, one each MS milliseconds, then says "done"; "pid", "path" and "echo"
/// answer with the process id, the loaded path, and the request as JSON; "print" writes on stdout;
/// "big N" answers with N bytes; "crash", "kill", "exit N", "hang" (deaf to cancel), "slow start"
/// (half a second before the first word), "talk N" (N lines on stderr, then exit 3), "leak" (the
/// option token on stderr, then exit 3), "spill" (throws it), "throw", "no memory"; "garbage" and
/// "huge frame" write nonsense on the socket, "bad delta" a wrong frame. A score of 60 tokens and
/// the embedding of "wait" wait for their stop; that of "wide N" has N values.
std::unique_ptr<Engine> make_fake_engine();

}  // namespace tenfold
