"""litert-lm's own benchmark on a .litertlm file. usage: litert_benchmark.py FILE THREADS"""
import json
import resource
import sys
import tempfile

import litert_lm
from litert_lm import interfaces
from litert_lm.benchmark import Benchmark

from timing import GENERATED, PROMPT, RUNS

litert_lm.set_min_log_severity(litert_lm.LogSeverity.ERROR)
file, threads = sys.argv[1:]
threads = int(threads)
with tempfile.TemporaryDirectory() as cache:
    bench = Benchmark(model_path=file, backend=interfaces.CPU(thread_count=threads), prefill_tokens=PROMPT,
                      decode_tokens=GENERATED, cache_dir=cache)
    runs = [bench.run() for _ in range(RUNS + 1)][1:]
print(json.dumps({"pp512": sum(run.last_prefill_tokens_per_second for run in runs) / RUNS,
                  "tg128": sum(run.last_decode_tokens_per_second for run in runs) / RUNS,
                  "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}))
