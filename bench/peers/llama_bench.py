"""llama.cpp's llama-bench. usage: llama_bench.py LLAMA_BENCH MODEL THREADS"""
import json
import resource
import subprocess
import sys

program, model, threads = sys.argv[1:]
out = subprocess.run([program, "-m", model, "-t", threads, "-r", "3", "-p", "512", "-n", "128", "-o", "json"],
                     check=True, capture_output=True, text=True).stdout
found = {f"pp{test['n_prompt']}" if test["n_prompt"] else f"tg{test['n_gen']}": test["avg_ts"]
         for test in json.loads(out)}
found["peak_memory_bytes"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
print(json.dumps(found))
