// tenfold-engine-mlx: the worker program of the MLX engine.
#include "mlx_engine.h"
#include "worker/worker.h"

int main() { return tenfold::run_worker(tenfold::make_mlx_engine()); }
