// tenfold-engine-coreml: the worker program of the Core ML engine.
#include "coreml_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_coreml_engine()); }
