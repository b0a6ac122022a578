// Stands in for an engine with a text loop of its own (picoLLM, Apple Foundation Models): text in,
// text out, no token ids. Shows that the suite "every engine" asks nothing more.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold::contract {

/// An engine that says of itself what the table says of picoLLM. Its models are files of words
/// after a first line "own loop".
std::unique_ptr<Engine> make_own_loop_engine();

}  // namespace tenfold::contract
