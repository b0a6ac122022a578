// The worker program of the fake engine.
#include "worker/testing/fake_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_fake_engine()); }
