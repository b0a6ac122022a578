// Other machines that hold layers of a model: the client's side of ggml's RPC backend.
#pragma once

#include <ggml-backend.h>

#include <string_view>
#include <vector>

#include "base/host_port.h"
#include "tenfold/result.h"

namespace tenfold::llama_cpp {

/// "HOST:PORT,…" in parts; none for an empty text. invalid_argument naming the part that is wrong.
Result<std::vector<HostPort>> read_rpc_hosts(std::string_view text);

/// Shakes hands with a host as ggml will, which ends the process when anything is amiss:
/// unavailable if it cannot be reached, says nothing for some seconds (it serves one client at a
/// time), or does not speak exactly this version.
Result<void> greet_rpc_host(const HostPort& host);

/// Greets the hosts and returns their devices with a nullptr at the end, as llama.cpp wants them.
Result<std::vector<ggml_backend_dev_t>> connect_rpc_hosts(const std::vector<HostPort>& hosts);

}  // namespace tenfold::llama_cpp
