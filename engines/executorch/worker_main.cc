// tenfold-engine-executorch: the worker program of the ExecuTorch engine.
#include "executorch_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_executorch_engine()); }
