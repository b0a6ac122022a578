// tenfold-engine-picollm: the worker program of the picoLLM engine.
#include "picollm_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_picollm_engine()); }
