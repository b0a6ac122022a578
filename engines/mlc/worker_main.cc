// tenfold-engine-mlc: the worker program of the MLC-LLM engine.
#include <csignal>

#include "mlc_engine.h"
#include "worker/worker.h"

int main() {
  // TVM's library takes the signal for a backtrace of its own; what ended a worker is said by its
  // host.
  std::signal(SIGSEGV, SIG_DFL);
  return tenfold::run_worker(tenfold::make_mlc_engine());
}
