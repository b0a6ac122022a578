// tenfold-engine-llama_cpp: the worker program of the llama.cpp engine, and with `rpc-worker` as
// its first argument a host for the layers of another machine's models.
#include <string_view>

#include "llama_cpp_engine.h"
#include "rpc_worker.h"
#include "worker/worker.h"

int main(int count, char** arguments) {
  if (count == 6 && std::string_view(arguments[1]) == "rpc-worker") {
    return tenfold::llama_cpp::run_rpc_worker({arguments + 2, arguments + count});
  }
  return tenfold::run_worker(tenfold::make_llama_cpp_engine());
}
