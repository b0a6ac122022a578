// tenfold-engine-onnxruntime: the worker program of the ONNX Runtime engine.
#include "onnxruntime_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_onnxruntime_engine()); }
