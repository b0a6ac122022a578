// The server's side of ggml's RPC backend.
#pragma once

#include <string>
#include <vector>

namespace tenfold::llama_cpp {

/// Lets clients compute on this machine's processor, one at a time, until the process is killed;
/// what goes on is printed. `arguments`: IPv4 address, port, threads (0: one per physical core),
/// and the most bytes of memory that may be used (0: no limit). Returns an exit code if it cannot
/// listen.
///
/// The protocol knows no keys and trusts its clients with this process: whoever reaches the port
/// can use the processor, and may find ways to do more.
int run_rpc_worker(const std::vector<std::string>& arguments);

}  // namespace tenfold::llama_cpp
