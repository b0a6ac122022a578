// llama.cpp's log: kept for error messages instead of printed.
#pragma once

#include <string>

namespace tenfold::llama_cpp {

/// Starts llama.cpp once per process with its log sent here. With TENFOLD_LOG=debug in the
/// environment everything is also written to stderr. Thread-safe.
void start_library();

/// Forgets the calling thread's log lines.
void clear_log();

/// The calling thread's last warnings and errors since clear_log(), joined by "; ".
std::string last_log_lines();

/// A line to print if the library ends the process, as it does when a host that holds layers is
/// gone.
void say_on_abort(std::string line);

}  // namespace tenfold::llama_cpp
