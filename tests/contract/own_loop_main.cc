// The worker program of the stand-in.
#include "own_loop_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::contract::make_own_loop_engine()); }
