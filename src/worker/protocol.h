// The worker protocol, version 5: how a host process talks to the worker process of one model.
//
// Transport. A Unix stream socketpair; the worker's end is file descriptor 3. The worker's stdin is
// /dev/null, its stdout and stderr go to a pipe of which the host keeps the last lines.
//
// Frame. A length of four bytes, little-endian (1 … 64 MiB), then that many bytes: one CBOR map
// (RFC 8949) nested at most 32 deep. The map has the string "type"; all but hello and unload have
// "id", which the host chose. Anything else is a breach: the side that sees it ends the connection,
// and the host then kills the worker.
//
// The worker speaks first:
//   hello     protocol (integer, this version), version (of Tenfold), pid, capabilities
// A host that speaks another protocol number ends the worker.
//
// Calls, host to worker. Several may be in progress, each answered on a thread of its own; a load
// waits for those before it, and those after it wait for the load:
//   load      id, model (its paths as bytes, as the file system has them), options
//   generate  id, request
//   score     id, tokens
//   prepare   id, prompt
//   adjust    id, adjustment
//   embed     id, texts
//   keep      id                    see Engine::keep()
// and answers each with:
//   begun     id                    work has started: a worker that dies before this did not do it
//   progress  id, value             while loading, 0 … 1
//   progress  id, prompt            before and after each step in which generate, score or embed
//                                   reads tokens
//   delta     id, delta             while generating, one for each step of the answer
//   part      id, value             of embed, any number: the next embeddings, so that many of them
//                                   need not fit one frame; done has the last
//   done      id, value             the end: model info, answer, logprobs [number],
//                                   {text, tokens, pieces [bytes]}, or embeddings [{values,
//                                   tokens}], whose values are the bytes of 32-bit floats
//   error     id, error             the end, instead of done
// Besides calls, at any time, host to worker; handled at once, also while a call is in progress:
//   cancel    id                    ends this call; one that has not begun answers with the error
//                                   `cancelled`; unknown or finished ids are ignored
//   ping      id                    answered by pong with the same id: the process is alive, even
//                                   though its engine may be busy or stuck
//   unload                          ends the worker, as does closing the socket: calls in progress
//                                   are cancelled, and after exit_grace it leaves without them
//
// How long a call takes is nobody's business but its caller's: a worker that answers pings is not
// ended while it works, unless it was told to stop (docs/adr/013-progress-and-limits.md).
//
// The JSON forms of capabilities, model, options, request, prompt, progress, delta, answer, model
// info and error are those of src/engine/json.h.
#pragma once

#include <chrono>
#include <cstddef>

namespace tenfold::protocol {

constexpr int version = 5;
constexpr int worker_descriptor = 3;
constexpr std::size_t max_frame_bytes = std::size_t{64} << 20;
constexpr int max_depth = 32;

/// How many bytes of embeddings make up a part.
constexpr std::size_t part_bytes = max_frame_bytes / 8;

/// How long a worker that was told to leave waits for its engine.
constexpr std::chrono::milliseconds exit_grace{1000};

}  // namespace tenfold::protocol
