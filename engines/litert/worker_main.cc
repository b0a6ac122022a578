// tenfold-engine-litert: the worker program of the LiteRT engine.
#include "litert_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_litert_engine()); }
