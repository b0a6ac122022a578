// tenfold-engine-llama_cpp: the worker program of the llama.cpp engine.
#include "llama_cpp_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_llama_cpp_engine()); }
