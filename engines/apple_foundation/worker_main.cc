// tenfold-engine-apple_foundation: the worker program of the engine of Apple's Foundation Models.
#include "apple_foundation_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_apple_foundation_engine()); }
